import { sys } from '../../kernel/call.ts';
import { CAPABILITY_VERSION_3, type CapabilityBits } from '../../kernel/capabilities.ts';
import { O } from '../../kernel/constants.ts';
import { openFile } from '../../kernel/files.ts';
import { named } from '../errors.ts';

/** Our own permitted capabilities, capget(2). */
export function readPermitted(): CapabilityBits {
  const words = new Uint32Array(6);
  sys('capget', new Uint32Array([CAPABILITY_VERSION_3, 0]), words);
  return [words[1] ?? 0, words[4] ?? 0];
}

/** Whole or not at all, as whoever polls for it expects. */
export function writePidFile(path: string, pid: number): void {
  named(`Write the pid file ${path}`, () => {
    const temporary = `${path}.${pid}`;
    {
      using file = openFile(temporary, O.WRONLY | O.CREAT | O.EXCL, 0o644);
      sys('write', file.number, String(pid), String(pid).length);
    }
    sys('rename', temporary, path);
  });
}
