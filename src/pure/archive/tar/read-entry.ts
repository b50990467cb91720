import { archiveError } from '../errors.ts';
import { nameText } from '../name-text.ts';
import type { TarEntry, TarType } from '../tar-entry.ts';
import { DEVMAJOR, DEVMINOR, GID, type HeaderBlock, MODE, MTIME, SIZE, UID } from './header-block.ts';
import { decimal, EMPTY_PAX, type PaxHeader, paxTime, type Time } from './pax-records.ts';

const NONE = new Uint8Array(0);
const NO_XATTRS: ReadonlyMap<string, Uint8Array> = new Map();
const NO_DEVICE = { major: 0, minor: 0 };
const SLASH = 0x2f;

/** What the blocks before an entry's own header told of it. */
export interface Prelude {
  readonly global: PaxHeader;
  pax: PaxHeader | undefined;
  longName: Uint8Array | undefined;
  longLink: Uint8Array | undefined;
}

/** An entry as its headers have it; `stored` counts the bytes of content that follow in the archive. */
export interface RawEntry {
  readonly entry: TarEntry;
  readonly stored: number;
}

/** The type of a header's flag, or undefined for one that is no entry of a tree. */
export function entryType(flag: number): TarType | undefined {
  return TYPES.get(flag);
}

const TYPES: ReadonlyMap<number, TarType> = new Map([
  [0, 'file'],
  [0x30, 'file'],
  [0x31, 'hardlink'],
  [0x32, 'symlink'],
  [0x33, 'character'],
  [0x34, 'block'],
  [0x35, 'directory'],
  [0x36, 'fifo'],
  // Contiguous files, and the directories of GNU's incremental archives with a list of names as content.
  [0x37, 'file'],
  [0x44, 'directory'],
  // GNU's old sparse files.
  [0x53, 'file'],
]);

export function readEntry(block: HeaderBlock, prelude: Prelude, flagType: TarType): RawEntry {
  const pax = effectivePax(prelude);
  const path = field(pax, 'GNU.sparse.name') ?? field(pax, 'path') ?? prelude.longName ?? headerName(block);
  try {
    return build({ block, prelude, pax, path, flagType });
  } catch (error) {
    throw archiveError(
      'ARCHIVE_CORRUPT',
      `Entry ${nameText(path)}: ${error instanceof Error ? error.message : ''}`,
      {
        cause: error,
      },
    );
  }
}

interface Sources {
  readonly block: HeaderBlock;
  readonly prelude: Prelude;
  readonly pax: PaxHeader;
  readonly path: Uint8Array;
  readonly flagType: TarType;
}

function build({ block, prelude, pax, path, flagType }: Sources): RawEntry {
  const size = number(pax, 'size') ?? block.number(SIZE);
  // Before POSIX a directory was a file whose name ends in a slash.
  const type = flagType === 'file' && path.at(-1) === SLASH ? 'directory' : flagType;
  const carries = flagType === 'file' || block.byte(156) === 0x44;
  const stored = carries ? size : 0;
  if (size < 0 || (flagType === 'file' && type === 'directory' && size > 0)) {
    throw archiveError('ARCHIVE_CORRUPT', 'The size is negative, or that of a directory with content');
  }
  const linked = type === 'hardlink' || type === 'symlink';
  const entry: TarEntry = {
    path,
    type,
    link: linked ? (field(pax, 'linkpath') ?? prelude.longLink ?? block.text(157, 100)) : NONE,
    size: type === 'file' ? size : 0,
    mode: block.number(MODE) & 0o7777,
    uid: id(number(pax, 'uid') ?? block.number(UID), 'uid'),
    gid: id(number(pax, 'gid') ?? block.number(GID), 'gid'),
    mtime: time(block, pax),
    device: type === 'character' || type === 'block' ? device(block) : NO_DEVICE,
    xattrs: pax.xattrs.size === 0 ? NO_XATTRS : pax.xattrs,
  };
  return { entry, stored };
}

export function effectivePax(prelude: Prelude): PaxHeader {
  const own = prelude.pax ?? EMPTY_PAX;
  if (prelude.global.fields.size === 0 && prelude.global.xattrs.size === 0) return own;
  return {
    fields: new Map([...prelude.global.fields, ...own.fields]),
    xattrs: new Map([...prelude.global.xattrs, ...own.xattrs]),
    sparse: own.sparse,
  };
}

/** A field that is there and not empty: an empty value takes the header's own field. */
export function field(pax: PaxHeader, key: string): Uint8Array | undefined {
  const value = pax.fields.get(key);
  return value === undefined || value.length === 0 ? undefined : value;
}

export function number(pax: PaxHeader, key: string): number | undefined {
  const value = field(pax, key);
  return value === undefined ? undefined : decimal(value, key);
}

function time(block: HeaderBlock, pax: PaxHeader): Time {
  const value = field(pax, 'mtime');
  return value === undefined ? { seconds: block.number(MTIME), nanoseconds: 0 } : paxTime(value, 'mtime');
}

function id(value: number, title: string): number {
  if (value >= 0 && value <= 0xffffffff) return value;
  throw archiveError('ARCHIVE_CORRUPT', `The ${title} does not fit 32 bits`);
}

function device(block: HeaderBlock): { major: number; minor: number } {
  return { major: block.number(DEVMAJOR), minor: block.number(DEVMINOR) };
}

/** The name field, behind the prefix where the format has one: POSIX ustar 155 bytes, star 131; GNU none. */
function headerName(block: HeaderBlock): Uint8Array {
  const name = block.text(0, 100);
  if (magic(block) !== 'ustar\0') return name;
  const star = block.byte(508) === 0x74 && block.byte(509) === 0x61 && block.byte(510) === 0x72;
  const prefix = block.text(345, star ? 131 : 155);
  if (prefix.length === 0) return name;
  const path = new Uint8Array(prefix.length + 1 + name.length);
  path.set(prefix);
  path[prefix.length] = SLASH;
  path.set(name, prefix.length + 1);
  return path;
}

function magic(block: HeaderBlock): string {
  let text = '';
  for (let i = 257; i < 263; i++) text += String.fromCharCode(block.byte(i));
  return text;
}
