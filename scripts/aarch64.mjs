// `npm run test:aarch64`: builds runt and corten for aarch64, boots Debian's kernel of that machine in QEMU, and has them
// make containers there; then the host's own tests. Takes minutes, since each instruction is emulated.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { kernelOf, rootOf } from './aarch64/root.mjs';
import { runs, SetupProblem } from './setup/checkout.mjs';

const MACHINE = 'aarch64';
const LIMIT_SECONDS = 1200;
const FLAGS = [
  ['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-serial', 'stdio'],
  ['-M', 'virt', '-cpu', 'max,pauth-impdef=on', '-smp', '2', '-m', '2048M'],
  ['-append', 'console=ttyAMA0 loglevel=3 panic=-1'],
].flat();
const POINT = /^(ok|not ok) \d+ - (.*)$/;

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof SetupProblem)) throw error;
  console.error(`test:aarch64: ${error.message}.`);
  process.exitCode = 1;
}

async function main() {
  if (!runs(process.execPath, ['scripts/build.mjs', '--machine', MACHINE])) return 1;
  const folder = mkdtempSync(join(tmpdir(), 'corten-aarch64-'));
  try {
    const image = join(folder, 'root');
    const kernel = kernelOf(MACHINE);
    writeFileSync(image, rootOf(MACHINE, kernel));
    return await boot(kernel.image, image);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What the VM says on its serial line; 0 if it came to its end and every check held. */
async function boot(kernel, root) {
  const words = [...FLAGS, '-kernel', kernel, '-initrd', root];
  const qemu = spawn('qemu-system-aarch64', words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const timer = setTimeout(() => qemu.kill('SIGKILL'), LIMIT_SECONDS * 1000);
  const end = new Promise((resolve) => qemu.once('close', resolve));
  const counts = { ok: 0, 'not ok': 0 };
  let isWhole = false;
  for await (const line of createInterface({ input: qemu.stdout })) {
    const text = line.trimEnd();
    const point = POINT.exec(text);
    if (point !== null) counts[point[1]]++;
    if (text === 'done') isWhole = true;
    else console.log(text);
  }
  await end;
  clearTimeout(timer);
  if (!isWhole) console.log('not ok - the VM came to its end before the checks did');
  console.log(`${counts.ok} passed, ${counts['not ok']} failed`);
  return isWhole && counts['not ok'] === 0 && counts.ok > 0 ? 0 : 1;
}
