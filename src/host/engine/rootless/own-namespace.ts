import { isCortenError } from '../../../pure/base/errors.ts';
import type { IdMapping } from '../../../pure/spec/runtime.ts';
import { attempt, sys } from '../../kernel/call.ts';
import { CLONE } from '../../kernel/constants.ts';
import { encode, Fd, readAll, readTextIfThere, writeAll } from '../../kernel/files.ts';
import { exit, fork, pipe, waitFor } from '../../kernel/process.ts';
import { mapUserNamespace } from '../../runtime/user-namespace-of.ts';
import { engineError } from '../errors.ts';
import { subordinateIds } from '../ids/subordinate-ids.ts';

const PASSWD_LIMIT = 1 << 20;

/**
 * This process becomes root of a new user namespace: its own ids are root's there, and those that /etc/subuid and
 * /etc/subgid give are the others. The maps are written by a child that stays outside.
 */
export function makeOwnNamespace(): void {
  const { uid, gid } = { uid: sys('geteuid'), gid: sys('getegid') };
  const mappings = {
    uidMappings: mapOf('/etc/subuid', uid, uid),
    gidMappings: mapOf('/etc/subgid', gid, uid),
  };
  const pid = sys('getpid');
  const [waiting, going] = pipe();
  const [reading, writing] = pipe();
  using wait = new Fd(waiting);
  using go = new Fd(going);
  using read = new Fd(reading);
  using write = new Fd(writing);
  const helper = fork();
  if (helper === 0) {
    go.close();
    mapWhenTold(wait, write, () => mapUserNamespace(pid, mappings));
  }
  write.close();
  const made = attempt('unshare', CLONE.NEWUSER);
  if (made === 0) writeAll(go.number, encode('x'));
  go.close();
  const words = readAll(read.number, 4096);
  waitFor(helper);
  if (made < 0 || words.length > 0)
    throw refused(made < 0 ? 'the kernel refuses a user namespace' : utf8(words));
}

function mapWhenTold(wait: Fd, write: Fd, map: () => void): never {
  try {
    if (readAll(wait.number, 1).length > 0) map();
  } catch (error) {
    const text = isCortenError(error) ? error.message : String(error);
    writeAll(write.number, encode(text));
  } finally {
    exit(0);
  }
}

function refused(why: string): Error {
  return engineError('ENGINE_NOT_ROOT', `Containers of a user other than root need a user namespace: ${why}`);
}

/** Where the files give nothing, the own id alone: images whose files have other owners can't be run then. */
function mapOf(file: '/etc/subuid' | '/etc/subgid', own: number, uid: number): readonly IdMapping[] {
  const mappings = [{ containerID: 0, hostID: own, size: 1 }];
  try {
    for (const { first, size } of subordinateIds(file, nameOf(uid), uid)) {
      const { containerID, size: before } = mappings.at(-1) ?? { containerID: 0, size: 1 };
      mappings.push({ containerID: containerID + before, hostID: first, size });
    }
  } catch (error) {
    if (!isCortenError(error) || error.code !== 'ENGINE_IDS_MISSING') throw error;
  }
  return mappings;
}

function nameOf(uid: number): string {
  const lines = (readTextIfThere('/etc/passwd', PASSWD_LIMIT) ?? '')
    .split('\n')
    .map((line) => line.split(':'));
  return lines.find(([, , number]) => number === String(uid))?.[0] ?? '';
}
