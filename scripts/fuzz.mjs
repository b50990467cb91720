// `npm run fuzz`: the names of what can be fuzzed. `npm run fuzz -- NAME… [--seconds N] [--seed N]`: an hour each unless
// said otherwise; a seed repeats the one round that failed. `npm test` gives each two seconds.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { inCheckout, ROOT } from './setup/checkout.mjs';

const FILE = /\.fuzz(\.node)?\.test\.ts$/;
const HOUR = '3600';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: HOUR }, seed: { type: 'string' } },
});
const targets = new Map(
  readdirSync(`${ROOT}/src`, { recursive: true })
    .filter((name) => FILE.test(name))
    .toSorted((one, other) => one.localeCompare(other))
    .map((name) => [basename(name).replace(FILE, ''), `src/${name}`]),
);
const unknown = positionals.filter((name) => !targets.has(name));
if (positionals.length === 0 || unknown.length > 0) {
  for (const name of unknown) console.log(`There is nothing called ${name} to fuzz.`);
  for (const [name, file] of targets) console.log(`${name.padEnd(12)} ${file}`);
  process.exitCode = unknown.length > 0 ? 1 : 0;
} else {
  const failed = positionals.filter((name) => !passes(targets.get(name) ?? ''));
  for (const name of failed) console.log(`FAILED ${name}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

/** What runs in the host is a bundle of its test program, which `npm run build` makes. */
function passes(file) {
  const isForHost = file.startsWith('src/host/') && !file.includes('.node.');
  const [program, ...args] = isForHost
    ? ['bin/corten-test', file.replace(/^src\/|\.test\.ts$/g, '')]
    : ['bin/node', '--test', file];
  const env = {
    ...process.env,
    CORTEN_FUZZ_SECONDS: values.seconds,
    ...(values.seed === undefined ? {} : { CORTEN_FUZZ_SEED: values.seed }),
  };
  const { status } = spawnSync(inCheckout(program), args, { cwd: ROOT, env, stdio: 'inherit' });
  return status === 0;
}
