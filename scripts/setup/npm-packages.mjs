import { existsSync, readFileSync } from 'node:fs';
import { inCheckout, runs, SetupProblem } from './checkout.mjs';

const ARGUMENTS = ['ci', '--include=dev', '--include=optional', '--loglevel=error', '--no-progress'];

/** The packages of package-lock.json, exactly. */
export const npmPackages = {
  name: 'npm packages',
  isCurrent: () =>
    installedDiffers(readLock('package-lock.json'), readLock('node_modules/.package-lock.json')) === '',
  work() {
    if (runs('npm', ARGUMENTS)) return;
    throw new SetupProblem(
      'npm could not install the packages of package-lock.json: see its words above, check the network or ' +
        'the proxy settings of npm, then type the same command again',
    );
  },
};

/** The first path whose installed version isn't the locked one, or ''. npm leaves optional packages of other machines out. */
export function installedDiffers(locked, installed) {
  for (const [path, wanted] of Object.entries(locked)) {
    const found = installed[path];
    const isLeftOut = path === '' || (found === undefined && wanted.optional === true);
    if (!isLeftOut && found?.version !== wanted.version) return path;
  }
  return '';
}

function readLock(path) {
  if (!existsSync(inCheckout(path))) return {};
  return JSON.parse(readFileSync(inCheckout(path), 'utf8')).packages;
}
