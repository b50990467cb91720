import { attempt } from '../../kernel/call.ts';
import { readDirectory } from '../../kernel/files.ts';
import { runtimeError } from '../errors.ts';

/** The processes of a container without a cgroup: all that are in its pid namespace, if that isn't the caller's too. */
export function processesBeside(init: number): readonly number[] {
  const namespace = namespaceOf(init);
  if (namespace === undefined) return [];
  if (namespace === namespaceOf('self')) {
    throw runtimeError(
      'RUNTIME_CGROUP_MISSING',
      'Telling the processes apart needs a cgroup or a pid namespace, and the container has neither',
    );
  }
  return readDirectory('/proc')
    .filter((name) => /^\d+$/.test(name) && namespaceOf(name) === namespace)
    .map(Number);
}

function namespaceOf(process: string | number): string | undefined {
  const buffer = new Uint8Array(64);
  const length = attempt('readlinkat', -1, `/proc/${process}/ns/pid`, buffer, buffer.length);
  return length < 0 ? undefined : utf8(buffer, 0, length);
}
