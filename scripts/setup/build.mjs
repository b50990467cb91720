import { existsSync } from 'node:fs';
import { inCheckout, runs, SetupProblem } from './checkout.mjs';
import { rustEnvironment } from './rust.mjs';
import { digestOf, readStamp, writeStamp } from './stamps.mjs';

const INPUTS = ['package-lock.json', 'native', 'scripts', 'src', 'tsconfig.base.json'];
const OUTPUTS = ['bin/runt', 'bin/corten', 'bin/corten-test', 'build/node/corten-node.js'];

/** The bundles, the native host and the links in bin. */
export const build = {
  name: 'build',
  isCurrent: () => OUTPUTS.every((path) => existsSync(inCheckout(path))) && readStamp('build') === inputs(),
  work() {
    const before = inputs();
    if (!runs(process.execPath, ['scripts/build.mjs'], rustEnvironment())) {
      throw new SetupProblem(
        'The build failed: its own words are above, and "npm run build" runs it again; Rust crates come from the ' +
          'network the first time',
      );
    }
    writeStamp('build', before);
  },
};

function inputs() {
  return digestOf(INPUTS, (path) => path === 'native/target' || /^scripts\/(setup|start|test)/.test(path));
}
