import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const KERNEL = join(process.cwd(), 'src/host/kernel');

/** This machine, as Rust and the kernel name it. */
export const OWN_MACHINE = process.arch === 'arm64' ? 'aarch64' : 'x86_64';

/** A file of src/host/kernel, as a machine has it: x86-64's lie there, others in a folder of the machine's name. */
export function kernelFile(name, machine) {
  const own = join(KERNEL, machine, name);
  return existsSync(own) ? own : join(KERNEL, name);
}

/** An esbuild plugin: a bundle is for one machine, so that a start costs nothing of choosing. */
export function machineFiles(machine) {
  return {
    name: 'files of the machine',
    setup({ onResolve }) {
      onResolve({ filter: /\.ts$/ }, ({ path, resolveDir }) => {
        const found = join(resolveDir, path);
        return dirname(found) === KERNEL ? { path: kernelFile(basename(found), machine) } : undefined;
      });
    },
  };
}
