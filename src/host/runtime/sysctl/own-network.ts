import type { Linux } from '../../../pure/spec/runtime.ts';
import { O } from '../../kernel/constants.ts';
import { openFile } from '../../kernel/files.ts';
import { statusOf } from '../../kernel/stat.ts';
import { named, runtimeError } from '../errors.ts';

/** Refuses parameters of the network where the namespace that is joined turns out to be the caller's own. */
export function refuseOwnNetwork({ sysctls = [], namespaces }: Linux): void {
  const path = namespaces.find(({ type }) => type === 'network')?.path;
  const sysctl = sysctls.find((one) => one.path.startsWith('net/'));
  if (path === undefined || sysctl === undefined) return;
  if (identityOf(path) !== identityOf('/proc/self/ns/net')) return;
  throw runtimeError(
    'SPEC_INVALID',
    `The field linux.sysctl["${sysctl.name.slice(0, 80)}"] must be left out: ${path} is the caller's own network namespace`,
  );
}

function identityOf(path: string): string {
  return named(`Open the namespace ${path}`, () => {
    using namespace = openFile(path, O.PATH);
    const { device, inode } = statusOf(namespace.number);
    return `${device}:${inode}`;
  });
}
