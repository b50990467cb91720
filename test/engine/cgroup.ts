import { existsSync, readFileSync } from 'node:fs';

const ROOT = '/sys/fs/cgroup';
const IS_V2 = existsSync(`${ROOT}/cgroup.controllers`);

/** What a file of a container's cgroup says: `v1` is HIERARCHY/FILE, `v2` the file alone. */
export function cgroupSays(
  id: string,
  { v1, v2 }: { readonly v1: string; readonly v2: string },
  parent = '',
): string {
  const [hierarchy = '', file = ''] = v1.split('/');
  const path = IS_V2
    ? `${ROOT}${parent}/corten-${id}/${v2}`
    : `${ROOT}/${hierarchy}${parent}/corten-${id}/${file}`;
  return readFileSync(path, 'utf8').trim();
}

/** Either of two values, by the version of the machine's cgroups. */
export function byVersion<T>(v1: T, v2: T): T {
  return IS_V2 ? v2 : v1;
}
