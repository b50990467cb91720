import { existsSync, readFileSync } from 'node:fs';
import { inCheckout, isRoot, runs, SetupProblem } from './checkout.mjs';

/**
 * Debian's packages of one purpose: 'build', 'test', 'dropin' or 'vm'; scripts/debian-packages.json says what each is for.
 * A package is there when one of its files is, so that a machine that has the tool from elsewhere keeps its own.
 */
export function debianPackages(purpose) {
  return {
    name: `Debian packages to ${purpose}`,
    isCurrent: () => missing(purpose).length === 0,
    work() {
      install(missing(purpose).map((entry) => entry.package));
      const left = missing(purpose);
      if (left.length > 0) throw new SetupProblem(sentence(purpose, left), { essential: false });
    },
  };
}

function missing(purpose) {
  const list = JSON.parse(readFileSync(inCheckout('scripts/debian-packages.json'), 'utf8'));
  return list[purpose].filter((entry) => !entry.files.some((file) => existsSync(file)));
}

/** Installs packages as root on Debian; true when all are there. */
export function install(packages) {
  if (!isRoot() || !existsSync('/usr/bin/apt-get')) return false;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const args = ['-qq', '-o', 'Dpkg::Use-Pty=0', 'install', '--yes', '--no-install-recommends', ...packages];
  return runs('apt-get', ['-qq', 'update'], env) && runs('apt-get', args, env);
}

function sentence(purpose, left) {
  const names = left.map((entry) => entry.package);
  const uses = left.map((entry) => `${entry.package} (${entry.reason})`).join(', ');
  return `To ${purpose}, this machine lacks ${uses}: as root, type "apt-get install ${names.join(' ')}"`;
}
