import { writeSync } from 'node:fs';
import { zstdCompressSync } from 'node:zlib';
import type { TarEntry } from '../../../pure/archive/tar-entry.ts';
import { TarReader } from '../../../pure/archive/tar-reader.ts';
import { BLOCK, CONTENT, HEAD, MAX_RAW, PATH, RAW } from './record-format.ts';

/** Content that is shorter stays in the record: to look it up would cost more. */
const SHORTEST_CONTENT = 512;

interface Content {
  readonly offset: number;
  readonly length: number;
}

/** Writes a tar's record while the tar passes. */
export class RecordWriter {
  readonly #fd: number;
  readonly #reader: TarReader;
  #segments: Uint8Array[] = [];
  #size = 0;
  #chunk: Uint8Array = new Uint8Array(0);
  /** Where in the chunk begins what has no segment yet. */
  #at = 0;
  /** The file whose content comes, until its path is written down. */
  #path: Uint8Array | undefined;
  /** Where in that file the next content belongs. */
  #offset = 0;
  #content: Content | undefined;

  constructor(fd: number) {
    this.#fd = fd;
    this.#reader = new TarReader({
      entry: (entry) => this.#begin(entry),
      data: (bytes) => this.#take(bytes),
      hole: (length) => {
        this.#offset += length;
      },
    });
  }

  push(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#at = 0;
    this.#reader.push(chunk);
    this.#raw(chunk.subarray(this.#at));
  }

  finish(): void {
    this.#reader.finish();
    this.#endContent();
    this.#flush();
  }

  #begin({ path }: TarEntry): void {
    this.#endContent();
    this.#path = Uint8Array.from(path);
    this.#offset = 0;
  }

  #take(bytes: Uint8Array): void {
    const offset = this.#offset;
    this.#offset += bytes.length;
    const start = bytes.byteOffset - this.#chunk.byteOffset;
    const isOfChunk =
      bytes.buffer === this.#chunk.buffer && start >= this.#at && start + bytes.length <= this.#chunk.length;
    // What the reader put together itself is in the tar in another form.
    if (!isOfChunk) return;
    const goesOn =
      start === this.#at &&
      this.#content !== undefined &&
      this.#content.offset + this.#content.length === offset;
    if (!goesOn && bytes.length < SHORTEST_CONTENT) return;
    if (!goesOn) {
      this.#raw(this.#chunk.subarray(this.#at, start));
      this.#endContent();
      if (this.#path !== undefined) this.#put(PATH, this.#path);
      this.#path = undefined;
    }
    const before = goesOn ? this.#content : undefined;
    this.#content = { offset: before?.offset ?? offset, length: (before?.length ?? 0) + bytes.length };
    this.#at = start + bytes.length;
  }

  #raw(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#endContent();
    for (let at = 0; at < bytes.length; at += MAX_RAW) this.#put(RAW, bytes.slice(at, at + MAX_RAW));
  }

  #endContent(): void {
    if (this.#content === undefined) return;
    const { offset, length } = this.#content;
    this.#content = undefined;
    const view = new DataView(new ArrayBuffer(16));
    view.setFloat64(0, offset, true);
    view.setFloat64(8, length, true);
    this.#put(CONTENT, new Uint8Array(view.buffer));
  }

  #put(kind: number, bytes: Uint8Array): void {
    const head = new DataView(new ArrayBuffer(HEAD));
    head.setUint8(0, kind);
    head.setUint32(1, bytes.length, true);
    this.#segments.push(new Uint8Array(head.buffer), bytes);
    this.#size += HEAD + bytes.length;
    if (this.#size >= BLOCK) this.#flush();
  }

  #flush(): void {
    if (this.#size === 0) return;
    const packed = zstdCompressSync(Buffer.concat(this.#segments));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(packed.length);
    for (const bytes of [length, packed])
      for (let at = 0; at < bytes.length;) at += writeSync(this.#fd, bytes, at);
    this.#segments = [];
    this.#size = 0;
  }
}
