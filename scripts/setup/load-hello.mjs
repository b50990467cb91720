import { spawnSync } from 'node:child_process';
import { inCheckout, isRoot, outputOf, ROOT, SetupProblem } from './checkout.mjs';
import { digestOf, readStamp, writeStamp } from './stamps.mjs';

const PROGRAM = 'native-target/hello';

/** The image `hello` in the machine's store. */
export const helloImage = {
  name: 'image hello',
  isCurrent: () => readStamp('hello') === contents() && isInStore(),
  work() {
    if (!isRoot())
      throw new SetupProblem('Containers need root so far: type the same command with sudo', {
        essential: false,
      });
    const archive = spawnSync(process.execPath, ['scripts/hello-image.mjs', PROGRAM], {
      cwd: ROOT,
      maxBuffer: 64 << 20,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const load = ['load'];
    const loaded = spawnSync(inCheckout('bin/corten'), load, {
      input: archive.stdout,
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    if (archive.status !== 0 || loaded.status !== 0) {
      throw new SetupProblem('The image hello could not be loaded: the words above say why');
    }
    writeStamp('hello', contents());
  },
};

function contents() {
  return digestOf([PROGRAM, 'scripts/hello-image.mjs']);
}

function isInStore() {
  return outputOf(inCheckout('bin/corten'), ['inspect', 'hello:latest']) !== undefined;
}
