import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { TarWriter } from '../../../pure/archive/tar-writer.ts';
import type { TarEntry } from '../../../pure/archive/tar-entry.ts';
import { codeOf, imagesError, messageOf } from '../errors.ts';
import type { SaveOutput } from './output.ts';

const NOTHING = new Uint8Array(0);

/** A tar archive on a stream; the same images always give the same bytes. */
export class TarOutput implements SaveOutput {
  readonly #stream: Writable;
  readonly #writer: TarWriter;
  #isFull = false;
  #failure: unknown;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on('error', (error) => (this.#failure ??= error));
    this.#writer = new TarWriter((bytes) => {
      this.#isFull = !stream.write(bytes);
    });
  }

  async file(name: string, size: number, content: AsyncIterable<Uint8Array>): Promise<void> {
    this.#writer.entry(entryOf(name, 'file', size));
    for await (const chunk of content) {
      this.#writer.data(chunk);
      await this.#drained();
    }
  }

  async folder(name: string): Promise<void> {
    this.#writer.entry(entryOf(`${name}/`, 'directory', 0));
    await this.#drained();
  }

  /** Waits until the last byte is out. */
  async finish(): Promise<void> {
    this.#writer.finish();
    await new Promise<void>((resolve) => {
      this.#stream.write(NOTHING, () => resolve());
    });
    await this.#drained();
  }

  async #drained(): Promise<void> {
    try {
      if (this.#failure === undefined && this.#isFull) await once(this.#stream, 'drain');
    } catch (error) {
      this.#failure ??= error;
    }
    if (this.#failure !== undefined) throw outputFailed(this.#failure);
  }
}

export function outputFailed(error: unknown): Error {
  const why =
    codeOf(error) === 'EPIPE'
      ? 'whoever reads it went away'
      : codeOf(error) === 'ENOSPC'
        ? 'no space is left there'
        : messageOf(error);
  return imagesError('STORE_OUTPUT_FAILED', `What is saved can't be written: ${why}`, { cause: error });
}

function entryOf(path: string, type: 'file' | 'directory', size: number): TarEntry {
  return {
    path: new TextEncoder().encode(path),
    type,
    link: NOTHING,
    size,
    mode: type === 'file' ? 0o644 : 0o755,
    uid: 0,
    gid: 0,
    mtime: { seconds: 0, nanoseconds: 0 },
    device: { major: 0, minor: 0 },
    xattrs: new Map(),
  };
}
