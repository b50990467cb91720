import { readFileSync } from 'node:fs';
import type { Bundle } from './bundle.ts';

// Cgroup v2 as tests look at it.

export const CGROUP = '/sys/fs/cgroup';
export const MIB = 1 << 20;

/** A file of the container's own cgroup. */
export function readCgroup(bundle: Bundle, file: string): string {
  return readFileSync(`${CGROUP}/${bundle.id}/${file}`, 'utf8').trim();
}

/** A mount of cgroups for a document. */
export const CGROUP_MOUNT = {
  destination: CGROUP,
  type: 'cgroup',
  source: 'cgroup',
  options: ['nosuid', 'noexec', 'nodev', 'relatime'],
};
