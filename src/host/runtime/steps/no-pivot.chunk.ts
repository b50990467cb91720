import { attempt, sys } from '../../kernel/call.ts';
import { AT, MNT_DETACH, MS, O } from '../../kernel/constants.ts';
import { openFile, readText } from '../../kernel/files.ts';
import { attachMount } from '../../kernel/mounts.ts';

/** File systems of which a whole view anywhere allows a new, unmasked one in a user namespace (mount_namespaces(7)). */
const REVEALING: ReadonlySet<string> = new Set(['proc', 'sysfs']);

const MOUNTINFO_LIMIT = 64 << 20;

interface Mounted {
  readonly id: string;
  readonly parent: string;
  readonly place: string;
  readonly type: string;
}

/**
 * Moves the container's tree over the host's root. The host's mounts below it would stay for ever, hidden but in the
 * namespace, and its whole /proc would let anybody inside mount one without masks: so they go.
 */
export function moveToRoot(root: number): void {
  const others = mountsOutside(mountIdOf(root));
  using top = openFile('/', O.PATH | O.DIRECTORY);
  attachMount(root, top.number);
  // As long as this process has the old root, paths lead through the old tree.
  for (const { place } of others) attempt('mount', null, place, null, MS.SLAVE, null);
  for (const mount of others.toReversed()) takeAway(mount);
  sys('fchdir', root);
  sys('chroot', '.');
}

/** What a user namespace inherited can't be taken away one by one, but it can be covered. */
function takeAway({ place, type }: Mounted): void {
  if (place === '/' || attempt('umount2', place, MNT_DETACH) === 0 || !REVEALING.has(type)) return;
  if (attempt('access', place, 0) === 0) sys('mount', 'tmpfs', place, 'tmpfs', MS.RDONLY, 'size=0');
}

/** In the order of mountinfo, a mount after the one that it lies on. */
function mountsOutside(root: string): readonly Mounted[] {
  const all = readText('/proc/self/mountinfo', MOUNTINFO_LIMIT).split('\n').filter(Boolean).map(parseLine);
  const inside = new Set([root]);
  for (const { id, parent } of all) if (inside.has(parent)) inside.add(id);
  return all.filter(({ id }) => !inside.has(id));
}

/** proc_pid_mountinfo(5) */
function parseLine(line: string): Mounted {
  const [front = '', back = ''] = line.split(' - ', 2);
  const [id = '', parent = '', , , place = ''] = front.split(' ');
  const path = place.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
  return { id, parent, place: path, type: back.split(' ', 1)[0] ?? '' };
}

/** statx(2): STATX_MNT_ID, since Linux 5.8; field stx_mnt_id lies at byte 144. */
const STATX_MNT_ID = 0x1000;

function mountIdOf(directory: number): string {
  const words = new BigUint64Array(32);
  sys('statx', directory, '', AT.EMPTY_PATH, STATX_MNT_ID, words);
  return String(words[18] ?? 0n);
}
