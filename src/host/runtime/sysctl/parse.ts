import type { Json } from '../../../pure/base/json.ts';
import type { Namespace, NamespaceType, Sysctl } from '../../../pure/spec/runtime.ts';
import { refuse, toRecord, toText } from '../parse/fields.ts';

/** What of `kernel.` belongs to an ipc namespace (ipc/ipc_sysctl.c). */
const OF_IPC: ReadonlySet<string> = new Set([
  'kernel/msgmax',
  'kernel/msgmnb',
  'kernel/msgmni',
  'kernel/sem',
  'kernel/shmall',
  'kernel/shmmax',
  'kernel/shmmni',
  'kernel/shm_rmid_forced',
]);

/** config-linux.md#sysctl: only what belongs to a namespace that the container doesn't share with the caller. */
export function parseSysctls(
  value: Json | undefined,
  at: string,
  namespaces: readonly Namespace[],
): readonly Sysctl[] {
  return Object.entries(toRecord(value, at)).map(([name, content]) => {
    const field = `${at}["${name.slice(0, 80)}"]`;
    const path = pathOf(name, field);
    const needed = namespaceOf(path, field);
    if (!namespaces.some(({ type }) => type === needed)) {
      refuse(field, `left out where no ${needed} namespace is asked for: it would change the host`);
    }
    return { name, path, value: toText(content, field) };
  });
}

/**
 * The file below /proc/sys. As sysctl(8) has it, the separator is whichever of "." and "/" comes first, and the other
 * one stands for a "." within a name.
 */
function pathOf(name: string, field: string): string {
  const isDotted = /^[^/]*\./.test(name);
  const parts = isDotted ? name.split('.').map((part) => part.replaceAll('/', '.')) : name.split('/');
  const isWrong = name.includes('\0') || parts.some((part) => part === '' || part === '.' || part === '..');
  return isWrong ? refuse(field, 'the name of a kernel parameter') : parts.join('/');
}

function namespaceOf(path: string, field: string): NamespaceType {
  if (path.startsWith('net/')) return 'network';
  if (OF_IPC.has(path) || path.startsWith('fs/mqueue/')) return 'ipc';
  if (path === 'kernel/domainname') return 'uts';
  if (path === 'kernel/hostname') refuse(field, 'left out: the field hostname says it');
  return refuse(field, 'a parameter that belongs to a namespace: this one would change the host');
}
