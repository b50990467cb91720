import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inCheckout, outputOf, runs, SetupProblem } from '../setup/checkout.mjs';

/** Kernels by the names that `--kernel` takes: Debian's own, and the newest that its archives hold. */
export const KERNEL_NAMES = ['debian', 'newest'];

const CACHE = inCheckout('.tools', 'vm');
const CHOICES = join(CACHE, 'kernels.json');
const META_PACKAGE = 'linux-image-cloud-amd64';

/**
 * A kernel of Debian's package, unpacked below `.tools`: `{ version, image, modules }`, where `modules` is the folder
 * that belongs to /lib/modules/VERSION. What was fetched once needs no network; `isFresh` asks the archives again.
 */
export function kernelNamed(name, { isFresh = false } = {}) {
  mkdirSync(CACHE, { recursive: true });
  const known = isFresh ? undefined : readChoices()[name];
  const chosen = known ?? (name.startsWith('linux-image-') ? name : packageNamed(name));
  if (!readdirSync(CACHE).includes(chosen)) unpack(chosen);
  writeFileSync(CHOICES, JSON.stringify({ ...readChoices(), [name]: chosen }));
  const version = chosen.slice('linux-image-'.length);
  const folder = join(CACHE, chosen);
  return {
    version,
    image: join(folder, 'boot', `vmlinuz-${version}`),
    modules: join(folder, 'lib', 'modules', version),
  };
}

function readChoices() {
  try {
    return JSON.parse(readFileSync(CHOICES, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return {};
    throw error;
  }
}

function packageNamed(name) {
  const offered = offers(name === 'debian' ? ['--no-all-versions', META_PACKAGE] : metaPackages());
  const [first] = offered.sort(byVersion).reverse();
  if (first === undefined)
    throw new SetupProblem(`apt knows no package ${META_PACKAGE}: type "apt-get update"`);
  return first;
}

/** `linux-image-cloud-amd64`, and those of newer kernels: `linux-image-6.12-cloud-amd64`. */
function metaPackages() {
  const names = outputOf('apt-cache', ['pkgnames', 'linux-image-']) ?? '';
  return names.split('\n').filter((name) => /^linux-image-(\d+\.\d+-)?cloud-amd64$/.test(name));
}

/** The packages of kernels that the given ones depend on, in all the archives that apt knows. */
function offers(names) {
  const shown = outputOf('apt-cache', ['show', ...names]) ?? '';
  return [...shown.matchAll(/^Depends: (linux-image-[^ ,\n]+-cloud-amd64)/gm)].map(([, name]) => name);
}

function byVersion(one, other) {
  return one.localeCompare(other, 'en', { numeric: true });
}

/** Whole or not at all: the folder gets its name last. */
function unpack(name) {
  const folder = join(CACHE, `new-${name}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  console.error(`vm: fetching ${name} …`);
  const fetch = ['download', '-qq', '-o', 'APT::Sandbox::User=root', name];
  if (outputOf('env', ['-C', folder, 'apt-get', ...fetch]) === undefined) {
    throw new SetupProblem(
      `The package ${name} can't be fetched: type "apt-get update", or choose another --kernel`,
    );
  }
  const [archive] = readdirSync(folder);
  const isUnpacked = runs('dpkg-deb', ['-x', join(folder, archive), folder]) && indexModules(folder, name);
  if (!isUnpacked) throw new SetupProblem(`The package ${name} can't be unpacked`);
  rmSync(join(folder, archive));
  renameSync(folder, join(CACHE, name));
}

/** What the package's own script would do with depmod; busybox loads modules only as they are when not compressed. */
function indexModules(folder, name) {
  const version = name.slice('linux-image-'.length);
  const script = 'find "$1/lib/modules" -name "*.ko.xz" -exec xz -d {} + && exec busybox depmod -b "$1" "$2"';
  return runs('sh', ['-c', script, 'sh', folder, version]);
}
