import { attempt } from '../../kernel/call.ts';
import { O, S } from '../../kernel/constants.ts';
import { Fd, readAll } from '../../kernel/files.ts';
import { tryOpenInRoot } from '../../kernel/mounts.ts';
import { statusOf } from '../../kernel/stat.ts';

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export interface Group {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

const LIMIT = 1 << 20;

/** The accounts of a root file system's own /etc/passwd, passwd(5). */
export function readAccounts(root: number): readonly Account[] {
  return linesOf(root, 'etc/passwd').flatMap(([name = '', , uid = '', gid = '']) =>
    isId(uid) && isId(gid) ? [{ name, uid: Number(uid), gid: Number(gid) }] : [],
  );
}

/** The groups of its /etc/group, group(5). */
export function readGroups(root: number): readonly Group[] {
  return linesOf(root, 'etc/group').flatMap(([name = '', , gid = '', members = '']) =>
    isId(gid) ? [{ name, gid: Number(gid), members: members.split(',') }] : [],
  );
}

export function isId(text: string): boolean {
  return /^\d{1,10}$/.test(text) && Number(text) <= 2 ** 32 - 2;
}

function linesOf(root: number, path: string): readonly (readonly string[])[] {
  return readFileOf(root, path)
    .split('\n')
    .map((line) => line.trim().split(':'));
}

/** The image's file, so of any kind and size: what is no regular file of moderate size counts as empty. */
function readFileOf(root: number, path: string): string {
  const result = tryOpenInRoot(root, path, O.RDONLY | O.NONBLOCK | O.NOCTTY);
  if (result < 0) return '';
  using file = new Fd(result);
  const { mode } = statusOf(file.number);
  if ((mode & S.IFMT) !== S.IFREG) return '';
  try {
    const content = readAll(file.number, LIMIT);
    return utf8(content, 0, content.length);
  } catch (error) {
    if (error instanceof RangeError) return '';
    throw error;
  }
}

/** The root of a running process, as a place to look files up in; undefined if it is gone. */
export function openRootOf(pid: number): Fd | undefined {
  const result = attempt('open', `/proc/${pid}/root`, O.PATH | O.DIRECTORY | O.CLOEXEC, 0);
  return result < 0 ? undefined : new Fd(result);
}
