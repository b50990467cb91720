// The native host's globals that the compiler needs, for Node: to be imported before it.

import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

Object.assign(globalThis, {
  load: (chunk: string): unknown =>
    require(fileURLToPath(new URL(`../../../${chunk.replace(/js$/, 'ts')}`, import.meta.url))),
  syscall: (): never => {
    throw new Error('no system call is expected here');
  },
});
