// `npm run test:gc`: the host's tests with a collection before each allocation, which finds a value that native code
// forgot to hold. `npm run test:asan`: the same tests on a dynamic build with AddressSanitizer, QuickJS and SQLite
// included.

import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { bundleHost, bundleTests } from './build/bundles.mjs';
import { OWN_MACHINE } from './build/machine.mjs';
import { cargoTarget } from './build/target.mjs';
import { ROOT } from './setup/checkout.mjs';
import { rustEnvironment } from './setup/rust.mjs';

const VARIANTS = {
  gc: { feature: 'gc-stress', environment: {}, target: (env) => cargoTarget(env) },
  asan: {
    feature: 'system-heap',
    // The sanitizer of the stable compiler is behind a switch that is meant for nightly ones.
    environment: { RUSTC_BOOTSTRAP: '1', CC: join(ROOT, 'scripts/build/asan-cc.sh') },
    target: () => ({
      target: `${OWN_MACHINE}-unknown-linux-gnu`,
      flags: ['-Zsanitizer=address'],
    }),
  },
};

process.chdir(ROOT);
const name = process.argv[2] ?? '';
const variant = VARIANTS[name];
if (variant === undefined)
  throw new Error(`"${name}" is no variant: give ${Object.keys(VARIANTS).join(' or ')}`);
await Promise.all([bundleHost('build/host', OWN_MACHINE), bundleTests('build/test-host', OWN_MACHINE)]);
process.exitCode = runAll(buildVariant());

function buildVariant() {
  const environment = { ...rustEnvironment(), ...variant.environment };
  const { target, flags } = variant.target(environment);
  const folder = join(ROOT, 'native-target', name);
  const args = ['build', '--release', '--quiet', '--locked', '--target', target, '--target-dir', folder];
  execFileSync('cargo', [...args, '--features', variant.feature, '--manifest-path', 'native/Cargo.toml'], {
    stdio: 'inherit',
    env: {
      ...environment,
      CORTEN_CHUNKS: join(ROOT, 'build/host'),
      CORTEN_TEST_CHUNKS: join(ROOT, 'build/test-host'),
      CORTEN_STUB: join(ROOT, 'native-target/stub'),
      [`CARGO_TARGET_${target.toUpperCase().replaceAll('-', '_')}_RUSTFLAGS`]: flags.join(' '),
    },
  });
  mkdirSync(join(folder, 'bin'), { recursive: true });
  const program = join(folder, 'bin/corten-test');
  copyFileSync(join(folder, target, 'release/corten-test-host'), program);
  return program;
}

/** All bundles, each in a process; 1 if one failed. */
function runAll(program) {
  const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0:detect_stack_use_after_return=0' };
  const bundles = execFileSync(program, { encoding: 'utf8', env })
    .split('\n')
    .filter((line) => line !== '');
  const failed = bundles.filter((bundle) => {
    const { status, stdout, stderr } = spawnSync(program, [bundle], { encoding: 'utf8', env });
    console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${bundle}`);
    if (status !== 0) console.log(stdout, stderr);
    return status !== 0;
  });
  console.log(`${bundles.length - failed.length} passed, ${failed.length} failed`);
  return failed.length === 0 && bundles.length > 0 ? 0 : 1;
}
