import { closeSync, statfsSync, writeSync } from 'node:fs';
import type { LoadSession, OpenedFile } from '../disk/load-session.ts';
import { imagesError } from '../errors.ts';
import type { Archive } from './archive.ts';
import { DigestStream } from './digest-stream.ts';
import { entryName } from './entry-name.ts';
import { layerLimits } from './limits.ts';
import type { SpooledFile } from './spooled-file.ts';

/** Old `docker save` archives have three entries and a folder for each layer. */
const MAX_ENTRIES = 10_000;

interface OpenEntry {
  readonly name: string;
  readonly file: OpenedFile;
  readonly sum: DigestStream;
}

/**
 * Takes the entries of an archive into files of the session: they come in any order, so that what they are shows
 * only at the end. No name of the archive becomes a name on the disk.
 */
export class ArchiveSpool implements Archive {
  readonly files = new Map<string, SpooledFile>();
  readonly symlinks = new Map<string, string>();
  readonly #session: LoadSession;
  #entries = 0;
  #open: OpenEntry | undefined;

  constructor(session: LoadSession) {
    this.#session = session;
  }

  /** A regular file of `size` bytes; its data follows. */
  beginFile(path: string, size: number): void {
    const name = this.#admit(path);
    // No layer may be larger, inflated or not.
    const most = layerLimits().bytes;
    if (size > most) {
      const text = `The file ${JSON.stringify(name.slice(0, 200))} in the archive has ${size} bytes, more than the ${most} allowed`;
      throw imagesError('ARCHIVE_TOO_LARGE', text);
    }
    const { bavail, bsize } = statfsSync(this.#session.folder);
    if (size > bavail * bsize) {
      const text = `The file ${JSON.stringify(name.slice(0, 200))} in the archive has ${size} bytes, and the store has ${bavail * bsize} free`;
      throw imagesError('STORE_NO_SPACE', text);
    }
    this.#open = { name, file: this.#session.createFile(), sum: new DigestStream() };
  }

  data(bytes: Uint8Array): void {
    if (this.#open === undefined) return;
    this.#open.sum.update(bytes);
    for (let at = 0; at < bytes.length;) at += writeSync(this.#open.file.fd, bytes, at);
  }

  endFile(): void {
    if (this.#open === undefined) return;
    const { name, file, sum } = this.#open;
    this.#close();
    const spooled = { path: file.path, size: sum.size, digest: sum.digest() };
    const before = this.files.get(name);
    // Which of two would count is nobody's agreement.
    if (before !== undefined && before.digest !== spooled.digest) throw twice(name);
    this.files.set(name, before ?? spooled);
  }

  symlink(path: string, target: string): void {
    const name = this.#admit(path);
    if (this.symlinks.has(name) || this.files.has(name)) throw twice(name);
    this.symlinks.set(name, target);
  }

  /** A hard link's target starts at the archive's root: as a symlink it climbs there first. */
  hardLink(path: string, target: string): void {
    const depth = entryName(path, 'A name in the archive').split('/').length - 1;
    this.symlink(path, '../'.repeat(depth) + target);
  }

  /** A folder, or something else that no image is made of. */
  skip(path: string): void {
    this.#admit(path);
  }

  [Symbol.dispose](): void {
    this.#close();
  }

  #admit(path: string): string {
    if (++this.#entries > MAX_ENTRIES) {
      throw imagesError('ARCHIVE_TOO_LARGE', `The archive has more than ${MAX_ENTRIES} files`);
    }
    return entryName(path, 'A name in the archive');
  }

  #close(): void {
    if (this.#open !== undefined) closeSync(this.#open.file.fd);
    this.#open = undefined;
  }
}

function twice(name: string): Error {
  return imagesError('ARCHIVE_INVALID', `The archive has ${JSON.stringify(name.slice(0, 200))} twice`);
}
