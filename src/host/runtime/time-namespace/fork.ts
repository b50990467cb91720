import { sys } from '../../kernel/call.ts';
import { CLONE, O } from '../../kernel/constants.ts';
import { openFile, writeExisting } from '../../kernel/files.ts';
import { named } from '../errors.ts';
import type { TimeNamespacePlan } from '../plan/namespaces.ts';

/**
 * Forks into a time namespace. The offsets of a new one can be set only while nobody is in it, so it is made for our
 * children (time_namespaces(7)) and left to them.
 */
export function forkInTimeNamespace({ path, offsets }: TimeNamespacePlan, fork: () => number): number {
  using own = openFile('/proc/self/ns/time', O.RDONLY);
  let pid: number | undefined;
  try {
    if (path === undefined) make(offsets);
    else join(path);
    pid = fork();
    return pid;
  } finally {
    if (pid !== 0) sys('setns', own.number, CLONE.NEWTIME);
  }
}

function make(offsets: TimeNamespacePlan['offsets']): void {
  named('Make the time namespace', () => sys('unshare', CLONE.NEWTIME));
  if (offsets.length === 0) return;
  const lines = offsets.map(({ clock, secs, nanosecs }) => `${clock} ${secs} ${nanosecs}\n`);
  const beyond = (errno: number): string | undefined =>
    errno === 34 ? 'a clock would run before zero or beyond its range' : undefined;
  named('Set linux.timeOffsets', () => writeExisting('/proc/self/timens_offsets', lines.join('')), beyond);
}

function join(path: string): void {
  named(`Join the time namespace ${path}`, () => {
    using namespace = openFile(path, O.RDONLY);
    sys('setns', namespace.number, CLONE.NEWTIME);
  });
}
