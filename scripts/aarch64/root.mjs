import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { inCheckout } from '../setup/checkout.mjs';
import { firstDependency, foreignPackage } from '../setup/foreign-machine.mjs';
import { cpio } from '../vm/cpio.mjs';
import { modulesWithDependencies } from '../vm/initramfs.mjs';
import { cases } from './cases.mjs';

const FOLDER = 0o040755;
const PROGRAM = 0o100755;
const FILE = 0o100644;
const MODULES = ['overlay', 'erofs', 'loop'];
/** Programs of the tests, which the checks run too. */
const C_PROGRAMS = ['agent', 'degrade'];

/** Debian's kernel for virtual machines: its file, and the folder of its modules. */
export function kernelOf(machine) {
  const meta = 'linux-image-cloud-arm64';
  const name = firstDependency(machine, meta);
  const folder = foreignPackage(machine, name);
  const version = name.slice('linux-image-'.length);
  const modules = join(folder, 'lib/modules', version);
  // What the package's own script would do.
  if (!existsSync(join(modules, 'modules.dep'))) execFileSync('busybox', ['depmod', '-b', folder, version]);
  return { image: join(folder, 'boot', `vmlinuz-${version}`), modules };
}

/** The VM's root: busybox, the programs under test, the checks and a configuration for each container. */
export function rootOf(machine, kernel) {
  const programs = inCheckout('build', machine, 'bin');
  const list = cases();
  return cpio([
    ...['bin', 'proc', 'sys', 'dev', 'new', 'modules', 'cases'].map(directory),
    program('bin/busybox', readFileSync(join(foreignPackage(machine, 'busybox-static'), 'bin/busybox'))),
    program('init', script('init.sh')),
    program('checks.sh', Buffer.concat([script('checks.sh'), Buffer.from(scriptOf(list))])),
    ...['corten', 'corten-init', 'corten-test'].map((name) =>
      program(`bin/${name}`, readFileSync(join(programs, name))),
    ),
    ...compiled(machine),
    ...modulesWithDependencies(kernel.modules, MODULES).map((path, index) =>
      program(
        `modules/${String(index).padStart(2, '0')}-${basename(path)}`,
        readFileSync(join(kernel.modules, path)),
      ),
    ),
    ...list.map(({ config }, index) => ({
      name: `cases/${index}.json`,
      mode: FILE,
      content: Buffer.from(JSON.stringify(config)),
    })),
  ]);
}

/** A line for each case: `check NUMBER NAME COMMAND EXPECTED`. */
function scriptOf(list) {
  const lines = list.map(({ name, command, expected }, index) =>
    ['check', index, ...[name, command, expected].map(quoted)].join(' '),
  );
  return `${lines.join('\n')}\nrun_tests\nfinish\n`;
}

function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function compiled(machine) {
  const libc = foreignPackage(machine, 'musl-dev');
  const kernel = foreignPackage(machine, 'linux-libc-dev');
  const library = (name) => join(libc, 'usr/lib', `${machine}-linux-musl`, name);
  const headers = [join(libc, 'usr/include', `${machine}-linux-musl`), join(kernel, 'usr/include')];
  const paths = [...headers, join(kernel, 'usr/include', `${machine}-linux-gnu`)].flatMap((path) => [
    '-isystem',
    path,
  ]);
  const folder = mkdtempSync(join(tmpdir(), 'corten-aarch64-c-'));
  try {
    for (const name of C_PROGRAMS) {
      const start = ['crt1.o', 'crti.o'].map(library);
      const parts = [
        ...start,
        inCheckout('test/runtime', `${name}.c`),
        library('libc.a'),
        '-lgcc',
        library('crtn.o'),
      ];
      const flags = ['-O1', '-static', '-nostdinc', '-nostdlib', ...paths];
      execFileSync(`${machine}-linux-gnu-gcc`, [...flags, '-o', join(folder, name), ...parts]);
    }
    return readdirSync(folder).map((name) => program(`bin/${name}`, readFileSync(join(folder, name))));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function directory(name) {
  return { name, mode: FOLDER, content: Buffer.alloc(0) };
}

function program(name, content) {
  return { name, mode: PROGRAM, content };
}

function script(name) {
  return readFileSync(inCheckout('scripts/aarch64', name));
}
