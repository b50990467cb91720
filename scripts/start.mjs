// npm start: sets up, runs a first container, says what to type next.

import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { inCheckout } from './setup/checkout.mjs';
import { setUp } from './setup.mjs';

const BUNDLE = inCheckout('build/hello-bundle');

const NEXT = `
What to type next:

  bin/runt --help                              all commands
  bin/runt run --bundle build/hello-bundle a   the same container once more
  bin/runt spec                                a config.json to start from`;

process.exitCode = await start();

async function start() {
  if (!(await setUp({ forTests: false }))) return 1;
  makeBundle();
  console.log('$ bin/runt run --bundle build/hello-bundle hello');
  const args = ['run', '--bundle', BUNDLE, 'hello'];
  const { status } = spawnSync(inCheckout('bin/runt'), args, { stdio: 'inherit' });
  if (status === 0) console.log(NEXT);
  return status ?? 1;
}

function makeBundle() {
  rmSync(BUNDLE, { recursive: true, force: true });
  mkdirSync(`${BUNDLE}/rootfs`, { recursive: true });
  copyFileSync(inCheckout('native-target/hello'), `${BUNDLE}/rootfs/hello`);
  spawnSync(inCheckout('bin/runt'), ['spec'], { cwd: BUNDLE });
  const config = JSON.parse(readFileSync(`${BUNDLE}/config.json`, 'utf8'));
  config.process = { ...config.process, terminal: false, args: ['/hello'] };
  writeFileSync(`${BUNDLE}/config.json`, JSON.stringify(config));
}
