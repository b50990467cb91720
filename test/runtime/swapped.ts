import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { compileProgram } from './confined.ts';

/** Does something again and again while two names are exchanged as fast as the kernel can. */
export async function whileSwapped(
  names: readonly [string, string],
  rounds: number,
  action: () => void,
): Promise<void> {
  const swapper = spawn(compileProgram('swap'), names, { stdio: 'ignore' });
  try {
    for (let round = 0; round < rounds; round++) action();
  } finally {
    swapper.kill('SIGKILL');
    await once(swapper, 'exit');
  }
}
