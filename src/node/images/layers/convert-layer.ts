import { closeSync, ftruncateSync, openSync, rmSync } from 'node:fs';
import { LayerConverter, type ConvertedLayer } from '../../../pure/archive/layer-converter.ts';
import type { Digest } from '../../../pure/base/digest.ts';
import { isCortenError } from '../../../pure/base/errors.ts';
import { layerLimits } from '../archive/limits.ts';
import { aboutStream } from '../archive/tar-fault.ts';
import type { LoadSession } from '../disk/load-session.ts';
import { DescriptorFile } from './descriptor-file.ts';
import { readLayer, type LayerStream } from './layer-stream.ts';

export interface LayerImage {
  /** The EROFS file, in the session's folder. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly digest: Digest;
  /** Bytes of the uncompressed tar. */
  readonly tarSize: number;
  /** Whether the layer is the same whatever lies below it. */
  readonly standsAlone: boolean;
}

/**
 * Makes a layer an EROFS file while its blob streams through; the file of one that fails is gone. `lowers` are the
 * EROFS files of the layers below, bottom first: they are opened only for a layer that asks for them.
 */
export async function convertLayer(
  session: LoadSession,
  source: LayerStream,
  lowers: readonly string[],
): Promise<LayerImage> {
  try {
    return await convert(session, source);
  } catch (error) {
    if (!isCortenError(error) || error.code !== 'ARCHIVE_NEEDS_LOWERS') throw error;
  }
  using below = openLowers(lowers);
  return await convert(session, source, below.files);
}

async function convert(
  session: LoadSession,
  source: LayerStream,
  lowers?: readonly DescriptorFile[],
): Promise<LayerImage> {
  const { path, fd } = session.createFile();
  try {
    const image = new DescriptorFile(fd);
    const name = `The layer ${source.blob.digest}`;
    const limits = { entries: layerLimits().entries };
    const converter = new LayerConverter(image, lowers === undefined ? { limits } : { limits, lowers });
    const tarSize = await readLayer(source, (bytes) => aboutStream(name, () => converter.push(bytes)));
    const { size, usedLowers }: ConvertedLayer = aboutStream(name, () => converter.finish());
    // The writer may leave zeros at the end out.
    ftruncateSync(fd, size);
    const digest = image.digest(size);
    session.sealer.begin(path);
    return { path, size, digest, tarSize, standsAlone: !usedLowers };
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
}

interface OpenLowers {
  readonly files: readonly DescriptorFile[];
  [Symbol.dispose](): void;
}

function openLowers(paths: readonly string[]): OpenLowers {
  const descriptors: number[] = [];
  const close = (): void => {
    for (const fd of descriptors) closeSync(fd);
  };
  try {
    for (const path of paths) descriptors.push(openSync(path, 'r'));
  } catch (error) {
    close();
    throw error;
  }
  return { files: descriptors.map((fd) => new DescriptorFile(fd)), [Symbol.dispose]: close };
}
