// `npm run test:degraded [SUITE…]`: the suites of runt (or those named) with every recent system call refused: first as
// an older kernel does it, then as the seccomp profile of an outer container.

import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { inCheckout, ROOT } from './setup/checkout.mjs';

const CALLS = [424, 428, 429, 430, 431, 432, 434, 435, 436, 437, 438, 439, 442];
const REFUSALS = { ENOSYS: 38, EPERM: 1 };

const named = process.argv.slice(2);
const suites = named.length > 0 ? named : suitesOfRunt();
const folder = mkdtempSync(join(tmpdir(), 'corten-degraded-'));
try {
  chmodSync(folder, 0o755);
  const program = join(folder, 'degrade');
  execFileSync('cc', ['-O1', '-static', '-o', program, inCheckout('test/runtime/degrade.c')]);
  const failed = Object.entries(REFUSALS).filter(([name, errno]) => !passes(name, program, errno));
  process.exitCode = failed.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}

function passes(name, program, errno) {
  console.log(`Without recent calls: ${name}`);
  const wrapper = join(folder, 'runt');
  const command = [program, errno, CALLS.join(','), inCheckout('bin/runt')].join(' ');
  writeFileSync(wrapper, `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
  const env = { ...process.env, CORTEN_TEST_RUNT: wrapper };
  const { status } = spawnSync(inCheckout('bin/node'), ['scripts/test.mjs', ...suites], {
    cwd: ROOT,
    env,
    stdio: 'inherit',
  });
  return status === 0;
}

/** All but those that need a call, or show the filter itself, or run as a user who may not load one. */
function suitesOfRunt() {
  const others = new Set(
    [
      'degraded',
      'features',
      'namespaces',
      'peer-flags',
      'process',
      'seccomp',
      'seccomp-order',
      'seccomp-profiles',
      'time',
      'user-namespaces',
    ].map((name) => `runt-${name}`),
  );
  return readdirSync(inCheckout('test'))
    .filter((file) => /^runt-.*\.test\.ts$/.test(file))
    .map((file) => basename(file, '.test.ts'))
    .filter((name) => !others.has(name));
}
