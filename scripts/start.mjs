// npm start: sets up, runs a first container, says what to type next.

import { spawnSync } from 'node:child_process';
import { inCheckout } from './setup/checkout.mjs';
import { setUp } from './setup.mjs';

const NEXT = `
What to type next, with an image that another tool made:

  skopeo copy docker://busybox docker-archive:busybox.tar:busybox:latest
  bin/corten load -i busybox.tar
  bin/corten run --rm -it busybox sh
  bin/corten ps -a

"bin/corten --help" lists all commands, and "podman save -o busybox.tar busybox" makes such a file too.`;

process.exitCode = await start();

async function start() {
  if (!(await setUp())) return 1;
  console.log('$ bin/corten run hello');
  const { status } = spawnSync(inCheckout('bin/corten'), ['run', 'hello'], { stdio: 'inherit' });
  if (status === 0) console.log(NEXT);
  return status ?? 1;
}
