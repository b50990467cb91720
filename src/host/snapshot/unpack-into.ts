import type { Fd } from '../kernel/files.ts';
import { openLayer } from './mounts/erofs.ts';
import type { Marks } from './unpack/filled-directory.ts';
import { startUnpacking } from './unpack/unpack-confined.ts';

/**
 * Unpacks layers, bottom first, into an open directory, in a confined process (docs/layers.md). What fails leaves
 * files in it.
 */
export function unpackInto(layers: readonly string[], directory: number, marks: Marks): void {
  const images: Fd[] = [];
  try {
    for (const layer of layers) images.push(openLayer(layer));
    startUnpacking({ images: images.map((fd) => fd.number), directory, marks }).finish();
  } finally {
    for (const image of images) image.close();
  }
}
