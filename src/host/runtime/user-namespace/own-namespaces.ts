import { attempt } from '../../kernel/call.ts';
import { CLONE } from '../../kernel/constants.ts';

const FLAGS: readonly (readonly [file: string, flag: number])[] = [
  ['user', CLONE.NEWUSER],
  ['mnt', CLONE.NEWNS],
  ['uts', CLONE.NEWUTS],
  ['ipc', CLONE.NEWIPC],
  ['net', CLONE.NEWNET],
  ['cgroup', CLONE.NEWCGROUP],
  ['pid', CLONE.NEWPID],
  ['time', CLONE.NEWTIME],
];

/** CLONE_ flags of the namespaces that a process doesn't share with us: those shared may belong to others, who let nobody join. */
export function ownNamespacesOf(pid: number): number {
  return FLAGS.filter(([file]) => nameOf(pid, file) !== nameOf('self', file)).reduce(
    (flags, [, flag]) => flags | flag,
    0,
  );
}

function nameOf(process: number | 'self', file: string): string {
  const buffer = new Uint8Array(64);
  const length = attempt('readlinkat', -1, `/proc/${process}/ns/${file}`, buffer, buffer.length);
  return length < 0 ? '' : utf8(buffer, 0, length);
}
