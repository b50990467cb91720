import { latin1ToBytes } from '../../base/bytes.ts';
import { archiveError } from '../errors.ts';
import { NAME_MAX, XATTR_HEADER, XATTR_PREFIXES } from './format.ts';

const VALUE_MAX = 0xffff;
const NONE = new Uint8Array(0);

/**
 * The attributes as they lie behind an inode, sorted by name: empty if there are none. Names that EROFS has no
 * number for are refused: they would be lost in silence.
 */
export function encodeXattrs(xattrs: ReadonlyMap<string, Uint8Array>): Uint8Array {
  if (xattrs.size === 0) return NONE;
  const names = [...xattrs.keys()].toSorted(compare);
  const entries = names.map((name) => encodeEntry(name, xattrs.get(name) ?? NONE));
  const bytes = new Uint8Array(entries.reduce((sum, entry) => sum + entry.length, XATTR_HEADER));
  let at = XATTR_HEADER;
  for (const entry of entries) {
    bytes.set(entry, at);
    at += entry.length;
  }
  return bytes;
}

/** An inode's i_xattr_icount for that many bytes of attributes. */
export function xattrCount(bytes: number): number {
  return bytes === 0 ? 0 : 1 + (bytes - XATTR_HEADER) / 4;
}

function encodeEntry(name: string, value: Uint8Array): Uint8Array {
  const prefix = XATTR_PREFIXES.find(({ text, whole }) => (whole ? name === text : name.startsWith(text)));
  const rest = prefix === undefined ? '' : name.slice(prefix.text.length);
  if (prefix === undefined || (rest === '' && !prefix.whole) || rest.includes('\0')) {
    throw archiveError(
      'ARCHIVE_UNSUPPORTED',
      `EROFS cannot hold the extended attribute ${JSON.stringify(name)}`,
    );
  }
  if (rest.length > NAME_MAX || value.length > VALUE_MAX) {
    const shown = JSON.stringify(name.slice(0, NAME_MAX));
    throw archiveError('ARCHIVE_LIMIT', `The extended attribute ${shown} is larger than Linux allows`);
  }
  const entry = new Uint8Array(Math.ceil((4 + rest.length + value.length) / 4) * 4);
  entry[0] = rest.length;
  entry[1] = prefix.index;
  entry[2] = value.length & 0xff;
  entry[3] = value.length >>> 8;
  entry.set(latin1ToBytes(rest), 4);
  entry.set(value, 4 + rest.length);
  return entry;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
