import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { inCheckout } from '../setup/checkout.mjs';
import { cpio } from './cpio.mjs';

const FOLDER = 0o040755;
const PROGRAM = 0o100755;

/** Which modules bring the host's files and the ports for input and output; a kernel may have them built in. */
const MODULES = ['virtio_pci', 'virtio_console', 'virtiofs', 'overlay', 'virtio_blk'];

/** The VM's first root: our init in two stages, busybox, the modules in their order, and what is to be run. */
export function initramfs({ modules }, runScript) {
  const paths = modulesWithDependencies(modules, MODULES);
  const folders = ['bin', 'modules', 'proc', 'sys', 'dev', 'host', 'changes', 'root'];
  return cpio([
    ...folders.map((name) => ({ name, mode: FOLDER, content: Buffer.alloc(0) })),
    program('bin/busybox', readFileSync('/bin/busybox')),
    program('init', scriptFile('init.sh')),
    program('system.sh', scriptFile('system.sh')),
    program('run.sh', Buffer.from(runScript)),
    ...paths.map((path, index) => {
      const order = String(index).padStart(2, '0');
      return program(`modules/${order}-${basename(path)}`, readFileSync(join(modules, path)));
    }),
  ]);
}

function program(name, content) {
  return { name, mode: PROGRAM, content };
}

function scriptFile(name) {
  return readFileSync(inCheckout('scripts', 'vm', name));
}

/** Files of `modules.dep` that hold the modules wanted, each after those that it depends on. */
export function modulesWithDependencies(folder, names) {
  const needs = new Map(
    readFileSync(join(folder, 'modules.dep'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(':'))
      .map(([path, rest = '']) => [path, rest.trim().split(' ').filter(Boolean)]),
  );
  const wanted = [...needs.keys()].filter((path) =>
    names.includes(basename(path, '.ko').replaceAll('-', '_')),
  );
  const ordered = new Set();
  const add = (path) => {
    needs.get(path)?.forEach(add);
    ordered.add(path);
  };
  wanted.sort((one, other) => dirname(one).localeCompare(dirname(other))).forEach(add);
  return [...ordered];
}
