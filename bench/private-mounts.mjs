import { spawnSync } from 'node:child_process';

const UNIFIED = '/sys/fs/cgroup/unified';

/**
 * Runs this program again without the v2 part of a hybrid hierarchy, which Debian's crun refuses, and ends with its
 * exit code; true in the program that runs so. crun makes its directory there all the same: on an empty tmpfs it
 * does no harm. With `hasNetwork` it is in a network namespace of its own too, where peers may make bridges and firewalls.
 */
export function enterPrivateMounts(hasNetwork = false) {
  if (process.env.CORTEN_BENCH_INSIDE !== undefined) return true;
  const loopback = hasNetwork ? 'ip link set lo up; ' : '';
  const script = `umount ${UNIFIED} 2>/dev/null && mount -t tmpfs tmpfs ${UNIFIED}; ${loopback}exec "$@"`;
  const command = [
    hasNetwork ? '-mn' : '-m',
    '--propagation',
    'private',
    'sh',
    '-c',
    script,
    'sh',
    process.execPath,
    ...process.argv.slice(1),
  ];
  const env = { ...process.env, CORTEN_BENCH_INSIDE: '1' };
  process.exitCode = spawnSync('unshare', command, { stdio: 'inherit', env }).status ?? 1;
  return false;
}
