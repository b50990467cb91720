import { open, type FileHandle } from 'node:fs/promises';
import { zstdDecompressSync } from 'node:zlib';
import { ErofsReader, type ErofsInode } from '../../../pure/archive/erofs-reader.ts';
import { DescriptorFile } from '../layers/descriptor-file.ts';
import { imagesError } from '../errors.ts';
import { CONTENT, HEAD, MAX_BLOCK, PATH, RAW } from './record-format.ts';

const READ_SIZE = 256 << 10;

export interface RecordedTar {
  /** The record's file. */
  readonly record: string;
  /** The EROFS file. */
  readonly layer: string;
}

/** The tar that a layer was made of, byte for byte; whether it has the DiffID is for the caller to see. */
export async function* rebuildTar({ record, layer }: RecordedTar): AsyncGenerator<Uint8Array> {
  await using file = await open(record);
  await using image = await open(layer);
  const reader = new ErofsReader(new DescriptorFile(image.fd));
  let inode: ErofsInode | undefined;
  for await (const { kind, bytes } of segmentsOf(file)) {
    if (kind === RAW) yield bytes;
    else if (kind === PATH) inode = reader.lookup(bytes);
    else if (kind === CONTENT && inode !== undefined) yield* contentOf(reader, inode, bytes);
    else throw damaged(record);
  }
}

function* contentOf(reader: ErofsReader, inode: ErofsInode, bytes: Uint8Array): Generator<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = view.getFloat64(0, true);
  const end = at + view.getFloat64(8, true);
  while (at < end) {
    const piece = new Uint8Array(Math.min(READ_SIZE, end - at));
    const count = reader.read(inode, piece, at);
    // A file that is shorter makes another tar, which its digest shows.
    if (count === 0) return;
    yield piece.subarray(0, count);
    at += count;
  }
}

interface Segment {
  readonly kind: number;
  readonly bytes: Uint8Array;
}

async function* segmentsOf(file: FileHandle): AsyncGenerator<Segment> {
  const length = Buffer.alloc(4);
  for (;;) {
    const { bytesRead } = await file.read(length, 0, 4);
    if (bytesRead === 0) return;
    const size = length.readUInt32LE();
    if (bytesRead < 4 || size > MAX_BLOCK) throw damaged('a record');
    const packed = Buffer.alloc(size);
    if ((await file.read(packed, 0, size)).bytesRead < size) throw damaged('a record');
    const block = zstdDecompressSync(packed, { maxOutputLength: MAX_BLOCK });
    for (let at = 0; at < block.length;) {
      const end = at + HEAD + block.readUInt32LE(at + 1);
      if (end > block.length) throw damaged('a record');
      yield { kind: block[at] ?? -1, bytes: block.subarray(at + HEAD, end) };
      at = end;
    }
  }
}

function damaged(what: string): Error {
  return imagesError(
    'STORE_BLOB_DAMAGED',
    `The record ${what} of a layer's tar is damaged: pull or load its image again`,
  );
}
