import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const CORTEN = new URL('../../bin/corten', import.meta.url).pathname;

/** corten with roots of its own, and the images loaded. */
export function corten(folder, archives) {
  process.env.CORTEN_ROOT = join(folder, 'corten');
  process.env.CORTEN_RUN = join(folder, 'corten-run');
  for (const { oci } of Object.values(archives))
    execFileSync(CORTEN, ['load', '-q', '-i', oci], { stdio: 'ignore' });
  return {
    name: 'corten',
    command: (...args) => [CORTEN, ...args],
    keeper: 'corten-monitor',
    others: ['corten-forwarder', 'aardvark-dns'],
    stop: () => undefined,
  };
}
