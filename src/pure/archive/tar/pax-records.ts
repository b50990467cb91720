import { bytesToLatin1 } from '../../base/bytes.ts';
import { archiveError } from '../errors.ts';
import { nameText } from '../name-text.ts';

const SPACE = 0x20;
const EQUALS = 0x3d;
const NEWLINE = 0x0a;
const XATTR = 'SCHILY.xattr.';

/** What an extended header says; keys are Latin-1 texts, in a Map because a stranger chose them. */
export interface PaxHeader {
  readonly fields: ReadonlyMap<string, Uint8Array>;
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
  /** Offsets and lengths in turn, from GNU's sparse format 0.0, whose records repeat. */
  readonly sparse: readonly Uint8Array[];
}

export const EMPTY_PAX: PaxHeader = { fields: new Map(), xattrs: new Map(), sparse: [] };

/** Keys that can only be meant for one entry: in a global header they would give readers different trees. */
const PER_ENTRY = /^(?:path|linkpath|size|GNU\.sparse\..*)$/s;

/** Reads the records `LENGTH KEY=VALUE\n` of a PAX header (POSIX pax, "pax Extended Header"). */
export function parsePax(bytes: Uint8Array): PaxHeader {
  const fields = new Map<string, Uint8Array>();
  const xattrs = new Map<string, Uint8Array>();
  const sparse: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const record = readRecord(bytes, at);
    at = record.next;
    if (record.key.startsWith(XATTR)) xattrs.set(xattrName(record.key.slice(XATTR.length)), record.value);
    else if (record.key === 'GNU.sparse.offset' || record.key === 'GNU.sparse.numbytes')
      sparse.push(record.value);
    else fields.set(record.key, record.value);
  }
  return { fields, xattrs, sparse };
}

/** A global header over those before it: an empty value takes a field back. */
export function mergeGlobal(before: PaxHeader, next: PaxHeader): PaxHeader {
  for (const key of next.fields.keys()) {
    if (!PER_ENTRY.test(key)) continue;
    throw archiveError('ARCHIVE_CORRUPT', `A global PAX header sets ${key}, which is for a single entry`);
  }
  if (next.sparse.length > 0) throw archiveError('ARCHIVE_CORRUPT', 'A global PAX header holds a sparse map');
  const fields = new Map([...before.fields, ...next.fields]);
  for (const [key, value] of fields) if (value.length === 0) fields.delete(key);
  return { fields, xattrs: new Map([...before.xattrs, ...next.xattrs]), sparse: [] };
}

interface PaxRecord {
  readonly key: string;
  readonly value: Uint8Array;
  readonly next: number;
}

function readRecord(bytes: Uint8Array, at: number): PaxRecord {
  const space = bytes.indexOf(SPACE, at);
  const digits = space < 0 || space - at > 8 ? '' : bytesToLatin1(bytes, at, space);
  const next = /^\d+$/.test(digits) ? at + Number(digits) : 0;
  const equals = bytes.indexOf(EQUALS, space + 1);
  const whole = next > space && next <= bytes.length && bytes[next - 1] === NEWLINE;
  if (!whole || equals <= space + 1 || equals >= next) {
    throw archiveError('ARCHIVE_CORRUPT', `A PAX header holds a bad record at its byte ${at}`);
  }
  const key = bytesToLatin1(bytes, space + 1, equals);
  return { key, value: bytes.slice(equals + 1, next - 1), next };
}

/** GNU tar writes "=" and "%" of an attribute's name as %3D and %25. */
function xattrName(key: string): string {
  return key.replace(/%3D|%25/g, (code) => (code === '%3D' ? '=' : '%'));
}

/** A decimal number of a record; `key` is for the message. */
export function decimal(value: Uint8Array, key: string): number {
  const text = bytesToLatin1(value, 0, Math.min(value.length, 32));
  const number = /^\d{1,19}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(number)) return number;
  throw archiveError('ARCHIVE_CORRUPT', `${key} in a PAX header is no number that fits: ${nameText(value)}`);
}

export interface Time {
  /** Seconds since 1970, negative before. */
  readonly seconds: number;
  /** 0 to 999999999, always towards the future. */
  readonly nanoseconds: number;
}

/** A time of a record, seconds with a fraction; what lies below a nanosecond is cut towards the past. */
export function paxTime(value: Uint8Array, key: string): Time {
  const text = bytesToLatin1(value, 0, Math.min(value.length, 64));
  const parts = /^(-?)(\d{1,16})(?:\.(\d*))?$/.exec(text);
  const whole = Number(parts?.[2]);
  if (parts === null || !Number.isSafeInteger(whole)) {
    throw archiveError('ARCHIVE_CORRUPT', `${key} in a PAX header is no time: ${nameText(value)}`);
  }
  const fraction = parts[3] ?? '';
  const nanoseconds = Number(fraction.slice(0, 9).padEnd(9, '0'));
  if (parts[1] === '') return { seconds: whole, nanoseconds };
  const below = /[1-9]/.test(fraction.slice(9)) ? nanoseconds + 1 : nanoseconds;
  if (below === 0) return { seconds: 0 - whole, nanoseconds: 0 };
  return { seconds: -whole - 1, nanoseconds: 1e9 - below };
}
