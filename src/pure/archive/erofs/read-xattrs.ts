import { bytesToLatin1 } from '../../base/bytes.ts';
import { archiveError } from '../errors.ts';
import { XATTR_HEADER, XATTR_PREFIXES } from './format.ts';

/** The attributes behind an inode, from the header on; shared ones are not written by Corten and refused. */
export function readXattrs(bytes: Uint8Array): Map<string, Uint8Array> {
  const xattrs = new Map<string, Uint8Array>();
  if (bytes.length === 0) return xattrs;
  if (bytes[4] !== 0) throw archiveError('ARCHIVE_UNSUPPORTED', 'The image shares extended attributes');
  for (let at = XATTR_HEADER; at + 4 <= bytes.length;) {
    const nameEnd = at + 4 + (bytes[at] ?? 0);
    const end = nameEnd + (bytes[at + 2] ?? 0) + (bytes[at + 3] ?? 0) * 256;
    const prefix = XATTR_PREFIXES.find(({ index }) => index === bytes[at + 1]);
    // The filler of an inode without an attribute in its last words.
    if (nameEnd === at + 4 && prefix === undefined && bytes[at + 1] === 0) break;
    if (prefix === undefined || end > bytes.length) {
      throw archiveError('ARCHIVE_IMAGE_DAMAGED', 'An inode of the image has bad extended attributes');
    }
    xattrs.set(prefix.text + bytesToLatin1(bytes, at + 4, nameEnd), bytes.slice(nameEnd, end));
    at = Math.ceil(end / 4) * 4;
  }
  return xattrs;
}
