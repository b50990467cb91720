import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inCheckout, outputOf, runs, SetupProblem } from './checkout.mjs';
import { debianPackages } from './debian-packages.mjs';
import { addMuslTarget } from './rust.mjs';

/** Machines that can be built for and tried here, by the names that Debian has for them. */
const DEBIAN_NAMES = { aarch64: 'arm64' };

/** What it takes to build for another machine: compilers from Debian, Rust's own library, the headers of its musl. */
export function prepareMachine(machine) {
  if (!Object.hasOwn(DEBIAN_NAMES, machine)) {
    throw new SetupProblem(
      `There is no build for ${machine}: known are ${Object.keys(DEBIAN_NAMES).join(', ')}`,
    );
  }
  const packages = debianPackages(machine);
  if (!packages.isCurrent()) packages.work();
  addMuslTarget(machine);
  foreignPackage(machine, 'musl-dev');
}

export function muslHeaders(machine) {
  return join(foreignPackage(machine, 'musl-dev'), 'usr/include', `${machine}-linux-musl`);
}

/** Runs the machine's programs. */
export function emulatorOf(machine) {
  return `/usr/bin/qemu-${machine}-static`;
}

/**
 * One of Debian's packages of another machine, unpacked below `.tools`, which leaves this machine's own packages and
 * apt's lists of them as they are. What was fetched once needs no network.
 */
export function foreignPackage(machine, name) {
  const folder = inCheckout('.tools', machine, name);
  if (existsSync(folder)) return folder;
  const unpacked = `${folder}.new`;
  rmSync(unpacked, { recursive: true, force: true });
  mkdirSync(unpacked, { recursive: true });
  const flags = foreignApt(machine);
  const isFetched =
    outputOf('env', ['-C', unpacked, 'apt-get', ...flags, 'download', '-qq', name]) !== undefined;
  const [archive] = readdirSync(unpacked);
  if (!isFetched || archive === undefined || !runs('dpkg-deb', ['-x', join(unpacked, archive), unpacked])) {
    throw new SetupProblem(
      `The package ${name} of ${DEBIAN_NAMES[machine]} can't be fetched: is there a network?`,
    );
  }
  rmSync(join(unpacked, archive));
  renameSync(unpacked, folder);
  return folder;
}

/** The package that a package of another machine depends on first. */
export function firstDependency(machine, name) {
  const shown = outputOf('apt-cache', [...foreignApt(machine), 'depends', name]) ?? '';
  const found = /^ *Depends: (\S+)$/m.exec(shown)?.[1];
  if (found === undefined) throw new SetupProblem(`apt knows no package ${name} of ${DEBIAN_NAMES[machine]}`);
  return found;
}

/** Flags by which apt asks this machine's own archives for another machine's packages, with lists of its own. */
function foreignApt(machine) {
  const state = inCheckout('.tools', machine, 'apt');
  const settings = {
    'APT::Architecture': DEBIAN_NAMES[machine],
    'APT::Architectures': DEBIAN_NAMES[machine],
    'APT::Sandbox::User': 'root',
    'Dir::State': state,
    'Dir::State::status': '/dev/null',
    'Dir::Cache': state,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  if (!existsSync(join(state, 'lists'))) {
    for (const part of ['lists', 'archives']) mkdirSync(join(state, part, 'partial'), { recursive: true });
    runs('apt-get', [...flags, '-qq', 'update']);
  }
  return flags;
}
