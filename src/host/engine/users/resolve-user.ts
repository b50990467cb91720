import { readTextIfThere } from '../../kernel/files.ts';
import { hasEntered } from '../../kernel/user-namespace.ts';
import { engineError } from '../errors.ts';
import { isId, readAccounts, readGroups, type Account, type Group } from './accounts.ts';

export interface ResolvedUser {
  readonly uid: number;
  readonly gid: number;
  /** Further groups, by the root file system's own list. */
  readonly groups: readonly number[];
}

/**
 * `name`, `uid`, `name:group`, `uid:gid` and their mixtures by the accounts below `root`, an open directory; empty
 * is root. A number needs no account. With a group given the further ones are left out, as Docker does it. Throws
 * ENGINE_USER_UNKNOWN.
 */
export function resolveUser(root: number, text: string): ResolvedUser {
  const colon = text.indexOf(':');
  const user = colon < 0 ? text : text.slice(0, colon);
  const group = colon < 0 ? '' : text.slice(colon + 1);
  const account = findAccount(readAccounts(root), user);
  const groups = readGroups(root);
  if (group !== '') return { uid: account.uid, gid: findGroup(groups, group), groups: [] };
  return { uid: account.uid, gid: account.gid, groups: groupsOf(groups, account) };
}

function findAccount(accounts: readonly Account[], user: string): Account {
  const wanted = user === '' ? '0' : user;
  const named = accounts.find(({ name }) => name === wanted);
  if (named !== undefined) return named;
  if (!isId(wanted)) {
    throw engineError('ENGINE_USER_UNKNOWN', `There is no user "${wanted}" in the container's /etc/passwd`);
  }
  const uid = Number(wanted);
  return accounts.find((account) => account.uid === uid) ?? { name: '', uid, gid: 0 };
}

function findGroup(groups: readonly Group[], wanted: string): number {
  const named = groups.find(({ name }) => name === wanted);
  if (named !== undefined) return named.gid;
  if (isId(wanted)) return Number(wanted);
  throw engineError('ENGINE_USER_UNKNOWN', `There is no group "${wanted}" in the container's /etc/group`);
}

/** In a user namespace that has the user's own group alone nobody can have others, user_namespaces(7). */
function mayNotChange(): boolean {
  return hasEntered() && readTextIfThere('/proc/self/setgroups')?.startsWith('deny') === true;
}

function groupsOf(groups: readonly Group[], { name, gid }: Account): readonly number[] {
  if (name === '' || mayNotChange()) return [];
  const all = groups.filter(({ members }) => members.includes(name)).map((group) => group.gid);
  return [...new Set(all)].filter((one) => one !== gid);
}
