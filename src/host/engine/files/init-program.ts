import type { Mount } from '../../../pure/spec/runtime.ts';
import { sys } from '../../kernel/call.ts';
import { exists } from '../../monitor/places.ts';
import { engineError } from '../errors.ts';

/** Where the container sees it. */
export const INIT_PATH = '/dev/init';
const NAME = 'corten-init';

export function initMount(): Mount {
  return {
    destination: INIT_PATH,
    type: 'bind',
    source: initProgram(),
    options: ['bind', 'ro', 'private', 'nosuid', 'nodev'],
  };
}

/** The small init of --init, a file beside our own executable. Throws ENGINE_INIT_MISSING. */
export function initProgram(): string {
  const buffer = new Uint8Array(4096);
  const own = utf8(buffer, 0, sys('readlink', '/proc/self/exe', buffer, buffer.length));
  const source = `${own.slice(0, own.lastIndexOf('/'))}/${NAME}`;
  if (exists(source)) return source;
  const text = `The program ${source} of --init is missing: install Corten whole, or leave --init out`;
  throw engineError('ENGINE_INIT_MISSING', text);
}
