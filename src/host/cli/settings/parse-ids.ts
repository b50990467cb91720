import type { IdMapping } from '../../../pure/spec/runtime.ts';
import type { IdsWish } from '../../engine/run-settings.ts';
import { usageError } from '../corten-context.ts';
import type { Options } from '../options.ts';

const LARGEST = 2 ** 32 - 2;
const FLAGS = ['userns', 'uidmap', 'gidmap', 'subuidname', 'subgidname'] as const;

/** Which ids of the host the container's are; undefined where no flag says it. */
export function parseIds(options: Options): IdsWish | undefined {
  const uids = options.list('uidmap').map((text) => mappingOf(text, 'uidmap'));
  const gids = options.list('gidmap').map((text) => mappingOf(text, 'gidmap'));
  const [users, groups] = [options.text('subuidname') || undefined, options.text('subgidname') || undefined];
  const mode = options.text('userns') || undefined;
  const ways = [mode, uids.length + gids.length > 0 || undefined, users ?? groups];
  if (ways.filter((way) => way !== undefined).length > 1) {
    throw usageError(
      `The flags ${FLAGS.map((flag) => `--${flag}`).join(', ')} say the same in different ways: give one`,
    );
  }
  if (uids.length + gids.length > 0) {
    const [uid, gid] = [uids.length > 0 ? uids : gids, gids.length > 0 ? gids : uids];
    return { kind: 'maps', uid: checked(uid, 'uidmap'), gid: checked(gid, 'gidmap') };
  }
  const name = users ?? groups;
  if (name !== undefined) return { kind: 'subordinate', users: users ?? name, groups: groups ?? name };
  return mode === undefined ? undefined : modeOf(mode);
}

/** `host`, or `auto` with podman's option about the number of ids. */
function modeOf(mode: string): IdsWish {
  if (mode === 'host') return { kind: 'host' };
  const [, size] = /^auto(?::size=([1-9]\d{0,9}))?$/.exec(mode) ?? [undefined, ''];
  if (size === undefined) return { kind: 'auto' };
  if (size !== '' && Number(size) <= LARGEST) return { kind: 'auto', size: Number(size) };
  if (/^keep-id\b/.test(mode))
    throw usageError('The mode keep-id of --userns is for users other than root: use auto, or --uidmap');
  throw usageError(`The flag --userns takes host, auto or auto:size=N, not "${mode}"`);
}

/** `CONTAINER-ID:HOST-ID[:COUNT]` */
function mappingOf(text: string, flag: string): IdMapping {
  const [, inner = '', outer = '', count = '1'] = /^(\d{1,10}):(\d{1,10})(?::(\d{1,10}))?$/.exec(text) ?? [];
  const [containerID, hostID, size] = [Number(inner), Number(outer), Number(count)];
  const isGood =
    inner !== '' && size > 0 && containerID + size - 1 <= LARGEST && hostID + size - 1 <= LARGEST;
  if (isGood) return { containerID, hostID, size };
  throw usageError(`The flag --${flag} takes ID:HOST-ID:COUNT with numbers up to ${LARGEST}, not "${text}"`);
}

function checked(mappings: readonly IdMapping[], flag: string): readonly IdMapping[] {
  const isTwice = mappings.some((one, index) =>
    mappings
      .slice(index + 1)
      .some((other) => overlap(one, other, 'containerID') || overlap(one, other, 'hostID')),
  );
  if (isTwice) throw usageError(`The flags --${flag} map an id twice: give each once`);
  if (mappings.some(({ containerID }) => containerID === 0)) return mappings;
  throw usageError(
    `The flags --${flag} leave out the id 0, the container's root: give one that begins with 0:`,
  );
}

function overlap(one: IdMapping, other: IdMapping, side: 'containerID' | 'hostID'): boolean {
  return one[side] < other[side] + other.size && other[side] < one[side] + one.size;
}
