import type { Handler } from '../handler.ts';
import { RUNT_HANDLER } from './runt-handler.ts';

/** Of the runtime's program, an absolute path; our own runtime unless one is given. */
export function handlerOf(runtime: string | undefined): Handler {
  if (runtime === undefined) return RUNT_HANDLER;
  const { ociHandler } = load(
    'monitor/handlers/oci-handler.chunk.js',
  ) as typeof import('./oci-handler.chunk.ts');
  return ociHandler(runtime);
}
