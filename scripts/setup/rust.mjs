import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { OWN_MACHINE } from '../build/machine.mjs';
import { inCheckout, outputOf, runs, SetupProblem } from './checkout.mjs';
import { install } from './debian-packages.mjs';
import { readStamp, writeStamp } from './stamps.mjs';

// The first Rust with edition 2024.
const OLDEST_MINOR = 85;
const OWN_CARGO_HOME = inCheckout('.tools/cargo');
const OWN_RUSTUP_HOME = inCheckout('.tools/rustup');
const RUSTUP = process.env.RUSTUP_UPDATE_ROOT ?? 'https://static.rust-lang.org/rustup';

/** cargo, and the musl target where rustup can add it. */
export const rust = {
  name: 'Rust',
  isCurrent() {
    const cargo = findCargo();
    return cargo !== undefined && readStamp('rust') === stampOf(cargo);
  },
  async work() {
    const cargo = usableCargo() ?? (await installByRustup()) ?? installFromDebian();
    if (cargo === undefined) throw new SetupProblem(noRust());
    addMuslTarget(OWN_MACHINE);
    writeStamp('rust', stampOf(cargo));
  },
};

/** The environment in which `cargo` is the one that the set-up chose. */
export function rustEnvironment() {
  const cargo = findCargo();
  if (cargo === undefined) return process.env;
  return { ...ownHomes(cargo), PATH: `${dirname(cargo)}${delimiter}${process.env.PATH}` };
}

function ownHomes(cargo) {
  if (!cargo.startsWith(OWN_CARGO_HOME)) return { ...process.env };
  return { ...process.env, CARGO_HOME: OWN_CARGO_HOME, RUSTUP_HOME: OWN_RUSTUP_HOME };
}

function findCargo() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const places = [join(OWN_CARGO_HOME, 'bin'), ...folders, join(homedir(), '.cargo/bin')];
  return places.map((folder) => join(folder, 'cargo')).find((path) => existsSync(path));
}

function usableCargo() {
  const cargo = findCargo();
  if (cargo === undefined) return undefined;
  const minor = /^cargo 1\.(\d+)\./.exec(outputOf(cargo, ['--version'], ownHomes(cargo)) ?? '')?.[1];
  return Number(minor) >= OLDEST_MINOR ? cargo : undefined;
}

async function installByRustup() {
  const program = await download(`${RUSTUP}/dist/${OWN_MACHINE}-unknown-linux-gnu/rustup-init`);
  if (program === undefined) return undefined;
  const path = inCheckout('.tools/rustup-init');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, program);
  chmodSync(path, 0o755);
  const env = { ...process.env, CARGO_HOME: OWN_CARGO_HOME, RUSTUP_HOME: OWN_RUSTUP_HOME };
  const args = ['-y', '--quiet', '--no-modify-path', '--profile', 'minimal', '--default-toolchain', 'stable'];
  return runs(path, args, { ...env, RUSTUP_INIT_SKIP_PATH_CHECK: 'yes' }) ? usableCargo() : undefined;
}

/** The bytes at an address, if they have the SHA-256 that lies beside them. */
async function download(address) {
  try {
    const [body, sum] = await Promise.all([fetch(address), fetch(`${address}.sha256`)]);
    const bytes = new Uint8Array(await body.arrayBuffer());
    const digest = createHash('sha256').update(bytes).digest('hex');
    return body.ok && (await sum.text()).startsWith(digest) ? bytes : undefined;
  } catch {
    return undefined;
  }
}

// Debian 12's own rustc is 1.63; the one that it keeps current to build browsers has another name.
function installFromDebian() {
  return install(['cargo-web', 'rustc-web']) ? usableCargo() : undefined;
}

/** Rust's library for a machine, where rustup can add it. */
export function addMuslTarget(machine) {
  const cargo = findCargo();
  const rustup = join(dirname(cargo), 'rustup');
  if (!existsSync(rustup)) return;
  const target = `${machine}-unknown-linux-musl`;
  const installed = outputOf(rustup, ['target', 'list', '--installed'], ownHomes(cargo)) ?? '';
  if (installed.split('\n').includes(target)) return;
  if (!runs(rustup, ['--quiet', 'target', 'add', target], ownHomes(cargo))) {
    console.log(`rustup could not add ${target}: the host is linked statically with glibc instead.`);
  }
}

function stampOf(cargo) {
  return `${cargo} ${statSync(cargo).mtimeMs}\n`;
}

function noRust() {
  return (
    `The native host needs Rust 1.${OLDEST_MINOR} or newer, which neither rustup's download site nor Debian ` +
    `(cargo-web and rustc-web; its cargo is too old) gave: install Rust from https://rustup.rs or, as root, type ` +
    `"apt-get install cargo-web rustc-web", then type the same command again`
  );
}
