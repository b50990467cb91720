import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const HOST = join(process.cwd(), 'src/host');

/** This machine, as Rust and the kernel name it. */
export const OWN_MACHINE = process.arch === 'arm64' ? 'aarch64' : 'x86_64';

/** A file as a machine has it: x86-64's, or its namesake in a folder beside it that has the machine's name. */
export function fileFor(machine, path) {
  const own = join(dirname(path), machine, basename(path));
  return existsSync(own) ? own : path;
}

/** An esbuild plugin: a bundle is for one machine, so that a start costs nothing of choosing. */
export function machineFiles(machine) {
  return {
    name: 'files of the machine',
    setup({ onResolve }) {
      onResolve({ filter: /\.ts$/ }, ({ path, resolveDir }) => {
        const found = join(resolveDir, path);
        return found.startsWith(HOST) ? { path: fileFor(machine, found) } : undefined;
      });
    },
  };
}
