import { readTextIfThere } from '../../kernel/files.ts';
import { engineError } from '../errors.ts';

const LIMIT = 1 << 20;

/** Ids of the host that a user may give to user namespaces. */
export interface IdRange {
  readonly first: number;
  readonly size: number;
}

/** The ranges of a user in /etc/subuid or /etc/subgid (subuid(5)), in their order. Throws ENGINE_IDS_MISSING. */
export function subordinateIds(
  file: '/etc/subuid' | '/etc/subgid',
  user: string,
  uid?: number,
): readonly IdRange[] {
  const lines = (readTextIfThere(file, LIMIT) ?? '').split('\n').map((line) => line.trim().split(':'));
  const ranges = lines
    .filter(([name]) => name === user || (uid !== undefined && name === String(uid)))
    .map(([, first, size]) => ({ first: Number(first), size: Number(size) }))
    .filter(({ first, size }) => Number.isInteger(first) && Number.isInteger(size) && first > 0 && size > 0);
  if (ranges.length > 0) return ranges;
  const text = `The file ${file} gives no ids to ${user}: add a line such as ${user}:1000000:1048576`;
  throw engineError('ENGINE_IDS_MISSING', text);
}
