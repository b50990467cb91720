import assert from 'node:assert/strict';
import { bytesToLatin1 } from '../../base/bytes.ts';
import { isCortenError } from '../../base/errors.ts';
import { type ErofsInode, ErofsReader } from '../erofs-reader.ts';
import type { ImageFile } from '../image-file.ts';
import { type ConvertedLayer, LayerConverter, type LayerConverterOptions } from '../layer-converter.ts';
import { MemoryImage } from './memory-image.ts';

export interface Converted {
  readonly layer: ConvertedLayer;
  readonly image: MemoryImage;
}

/**
 * Converts an archive that comes in pieces of a size. Where it is given layers below, they make the same image when
 * they are told at the end alone, unless it asks for them before.
 */
export function convert(archive: Uint8Array, options: PiecedOptions = {}): Converted {
  const converted = finish(archive, options, undefined);
  const { lowers, ...rest } = options;
  if (lowers === undefined) return converted;
  const later = attempt(() => finish(archive, rest, lowers));
  if (later !== undefined) {
    assert.deepEqual(later.layer, converted.layer);
    assert.ok(later.image.bytes.toHex() === converted.image.bytes.toHex(), 'another image');
  }
  return converted;
}

type PiecedOptions = LayerConverterOptions & { readonly piece?: number };

function finish(
  archive: Uint8Array,
  options: PiecedOptions,
  lowers: readonly ImageFile[] | undefined,
): Converted {
  const image = new MemoryImage();
  const converter = new LayerConverter(image, options);
  const { piece = archive.length } = options;
  for (let at = 0; at < archive.length; at += piece) converter.push(archive.subarray(at, at + piece));
  const isWaiting = converter.end();
  return { layer: converter.finish(isWaiting ? lowers : undefined), image };
}

/** undefined where the layers below are needed earlier. */
function attempt(work: () => Converted): Converted | undefined {
  try {
    return work();
  } catch (error) {
    if (isCortenError(error) && error.code === 'ARCHIVE_NEEDS_LOWERS') return undefined;
    throw error;
  }
}

/** Every path of an image with what it is: `mode links extra`, extra being content, target, device or marks. */
export function treeOf(image: ImageFile): Record<string, string> {
  const reader = new ErofsReader(image);
  const tree: [string, string][] = [];
  const visit = (path: string, inode: ErofsInode): void => {
    tree.push([path, `${inode.mode.toString(8)} ${inode.links} ${extraOf(reader, inode)}`.trimEnd()]);
    for (const { name, nid } of reader.list(inode))
      visit(`${path}/${bytesToLatin1(name)}`, reader.inode(nid));
  };
  visit('', reader.root);
  return Object.fromEntries(tree);
}

export function contentOf(reader: ErofsReader, inode: ErofsInode): Uint8Array {
  const bytes = new Uint8Array(inode.size);
  reader.read(inode, bytes, 0);
  return bytes;
}

function extraOf(reader: ErofsReader, inode: ErofsInode): string {
  const marks = [...reader.xattrs(inode)].map(([name, value]) => `${name}=${bytesToLatin1(value)}`).join(' ');
  const format = inode.mode & 0o170000;
  if (format === 0o100000 || format === 0o120000)
    return `${bytesToLatin1(contentOf(reader, inode))} ${marks}`;
  if (format === 0o040000) return marks;
  return `${inode.device.major}:${inode.device.minor} ${marks}`;
}
