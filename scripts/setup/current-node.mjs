import { existsSync, mkdirSync, readlinkSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { inCheckout, runs, SetupProblem } from './checkout.mjs';

const OLDEST = 24;
// npm puts this link first in the PATH of its scripts, so that they would stop where the Node behind it can't run.
const NPM_LINK = inCheckout('node_modules/.bin/node');

/** bin/node: the machine's Node where it is new enough, else the one that an npm package carries. */
export const currentNode = {
  name: 'Node',
  isCurrent: () =>
    linkTarget() === wantedTarget() && existsSync(inCheckout('bin/node')) && !existsSync(NPM_LINK),
  work() {
    mkdirSync(inCheckout('bin'), { recursive: true });
    rmSync(NPM_LINK, { force: true });
    rmSync(inCheckout('bin/node'), { force: true });
    symlinkSync(wantedTarget(), inCheckout('bin/node'));
    if (runs(inCheckout('bin/node'), ['--version'])) return;
    throw new SetupProblem(
      `This machine's Node is ${process.version}, and the newer one from npm does not run here: install Node ` +
        `${OLDEST} or newer, then type the same command again`,
    );
  },
};

function wantedTarget() {
  if (Number.parseInt(process.versions.node, 10) >= OLDEST) return machinesNode();
  return `../node_modules/node-linux-${process.arch}/bin/node`;
}

function machinesNode() {
  const ours = realpathSync(process.execPath);
  const carried = inCheckout(`node_modules/node-linux-${process.arch}/bin/node`);
  return existsSync(carried) && realpathSync(carried) === ours
    ? `../node_modules/node-linux-${process.arch}/bin/node`
    : ours;
}

function linkTarget() {
  try {
    return readlinkSync(inCheckout('bin/node'));
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'EINVAL') return undefined;
    throw error;
  }
}
