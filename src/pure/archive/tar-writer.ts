import { latin1ToBytes } from '../base/bytes.ts';
import { archiveError } from './errors.ts';
import { nameText } from './name-text.ts';
import type { TarEntry, TarType } from './tar-entry.ts';
import { BLOCK, padding } from './tar/header-block.ts';

const NUL = new Uint8Array(BLOCK);
const FLAGS: Readonly<Record<TarType, string>> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  character: '3',
  block: '4',
  directory: '5',
  fifo: '6',
};

/**
 * Writes a tar archive: ustar headers, with PAX records only for what they cannot hold. The same entries always
 * give the same bytes: no time, owner name or process id goes in.
 */
export class TarWriter {
  readonly #write: (bytes: Uint8Array) => void;
  #left = 0;
  #padding = 0;
  #path: Uint8Array = NUL;

  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write;
  }

  /** Begins an entry; a file's `size` bytes follow by data(). */
  entry(entry: TarEntry): void {
    this.#mustBeWhole();
    const size = entry.type === 'file' ? entry.size : 0;
    this.#path = entry.path;
    const records = paxRecords(entry);
    if (records.length > 0) {
      const body = join(records);
      this.#write(header(PAX_NAME, { flag: 'x', size: body.length }));
      this.#write(body);
      this.#write(NUL.subarray(0, padding(body.length)));
    }
    this.#write(header(entry, { flag: FLAGS[entry.type], size }));
    this.#left = size;
    this.#padding = padding(size);
  }

  data(bytes: Uint8Array): void {
    this.#left -= bytes.length;
    if (this.#left < 0) {
      throw archiveError(
        'ARCHIVE_ENTRY_INVALID',
        `${nameText(this.#path)} brings more content than its size`,
      );
    }
    this.#write(bytes);
    if (this.#left > 0 || this.#padding === 0) return;
    this.#write(NUL.subarray(0, this.#padding));
    this.#padding = 0;
  }

  /** Writes the end mark, two blocks of zeros. */
  finish(): void {
    this.#mustBeWhole();
    this.#write(NUL);
    this.#write(NUL);
  }

  #mustBeWhole(): void {
    if (this.#left === 0) return;
    throw archiveError('ARCHIVE_ENTRY_INVALID', `${nameText(this.#path)} brings less content than its size`);
  }
}

const PAX_NAME: TarEntry = {
  path: latin1ToBytes('pax'),
  type: 'file',
  link: new Uint8Array(0),
  size: 0,
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtime: { seconds: 0, nanoseconds: 0 },
  device: { major: 0, minor: 0 },
  xattrs: new Map(),
};

function header(entry: TarEntry, own: { readonly flag: string; readonly size: number }): Uint8Array {
  const bytes = new Uint8Array(BLOCK);
  const split = splitPath(entry.path);
  bytes.set(split?.name ?? entry.path.subarray(0, 100));
  if (split !== undefined) bytes.set(split.prefix, 345);
  bytes.set(entry.link.subarray(0, 100), 157);
  const octal = (value: number, offset: number, length: number): void => {
    const fits = value >= 0 && value < 8 ** (length - 1) ? value : 0;
    bytes.set(latin1ToBytes(fits.toString(8).padStart(length - 1, '0')), offset);
  };
  octal(entry.mode, 100, 8);
  octal(entry.uid, 108, 8);
  octal(entry.gid, 116, 8);
  octal(own.size, 124, 12);
  octal(entry.mtime.seconds, 136, 12);
  bytes.set(latin1ToBytes(`        ${own.flag}`), 148);
  bytes.set(latin1ToBytes('ustar\x0000'), 257);
  octal(entry.device.major, 329, 8);
  octal(entry.device.minor, 337, 8);
  let sum = 0;
  for (const byte of bytes) sum += byte;
  bytes.set(latin1ToBytes(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
  return bytes;
}

/** A path in the two fields of a ustar header, or undefined if it does not fit. */
function splitPath(path: Uint8Array): { prefix: Uint8Array; name: Uint8Array } | undefined {
  if (path.length <= 100) return { prefix: NUL.subarray(0, 0), name: path };
  if (path.length > 256) return undefined;
  const slash = path.subarray(0, path.length - 1).indexOf(0x2f, path.length - 101);
  if (slash <= 0 || slash > 155) return undefined;
  return { prefix: path.subarray(0, slash), name: path.subarray(slash + 1) };
}

function paxRecords(entry: TarEntry): Uint8Array[] {
  const records: Uint8Array[] = [];
  const add = (key: string, value: string | Uint8Array): void => {
    records.push(paxRecord(key, typeof value === 'string' ? latin1ToBytes(value) : value));
  };
  if (splitPath(entry.path) === undefined) add('path', entry.path);
  if (entry.link.length > 100) add('linkpath', entry.link);
  if (entry.size >= 8 ** 11) add('size', `${entry.size}`);
  if (entry.uid >= 8 ** 7) add('uid', `${entry.uid}`);
  if (entry.gid >= 8 ** 7) add('gid', `${entry.gid}`);
  const { seconds, nanoseconds } = entry.mtime;
  if (nanoseconds !== 0 || seconds < 0 || seconds >= 8 ** 11) add('mtime', timeText(seconds, nanoseconds));
  for (const name of [...entry.xattrs.keys()].toSorted(compare)) {
    const key = name.replace(/[%=]/g, (c) => (c === '=' ? '%3D' : '%25'));
    add(`SCHILY.xattr.${key}`, entry.xattrs.get(name) ?? NUL.subarray(0, 0));
  }
  return records;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function timeText(seconds: number, nanoseconds: number): string {
  if (nanoseconds === 0) return `${seconds}`;
  if (seconds >= 0) return `${seconds}.${fraction(nanoseconds)}`;
  return `-${-seconds - 1}.${fraction(1e9 - nanoseconds)}`;
}

function fraction(nanoseconds: number): string {
  return `${nanoseconds}`.padStart(9, '0').replace(/0+$/, '');
}

/** `LENGTH KEY=VALUE\n`, where the length counts its own digits too. */
function paxRecord(key: string, value: Uint8Array): Uint8Array {
  const rest = key.length + value.length + 3;
  let length = rest + `${rest}`.length;
  length = rest + `${length}`.length;
  const head = latin1ToBytes(`${length} ${key}=`);
  const record = new Uint8Array(length);
  record.set(head);
  record.set(value, head.length);
  record[length - 1] = 0x0a;
  return record;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
