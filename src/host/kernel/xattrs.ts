import { bytesToLatin1, latin1ToBytes } from '../../pure/base/bytes.ts';
import { SysError, attempt } from './call.ts';
import { ERRNO } from './errno.ts';

/** XATTR_LIST_MAX and XATTR_SIZE_MAX of include/uapi/linux/limits.h: no list and no value is larger. */
const MAX = 65536;
let buffer = new Uint8Array(0);

/**
 * All extended attributes of a file by full name (one Latin-1 character a byte), of a symbolic link its own. None
 * where the file system has none.
 */
export function xattrsAt(path: string | Uint8Array): Map<string, Uint8Array> {
  if (buffer.length === 0) buffer = new Uint8Array(MAX);
  const length = attempt('llistxattr', path, buffer, MAX);
  if (length <= 0) {
    if (length === 0 || length === -ERRNO.EOPNOTSUPP) return new Map();
    throw new SysError('llistxattr', -length, typeof path === 'string' ? path : '');
  }
  const found = new Map<string, Uint8Array>();
  const names = bytesToLatin1(buffer, 0, length - 1).split('\0');
  for (const name of names) {
    const size = attempt('lgetxattr', path, terminated(name), buffer, MAX);
    // Gone meanwhile, or not for us to read.
    if (size >= 0) found.set(name, buffer.slice(0, size));
  }
  return found;
}

/** A Latin-1 text as a C string. */
export function terminated(text: string): Uint8Array {
  return latin1ToBytes(`${text}\0`);
}
