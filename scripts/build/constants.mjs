import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { machineFiles } from './machine.mjs';

/** A value must not depend on the machine of the build. */
const BANNER = "const syscall = () => { throw new Error('A constant makes a system call'); };";

/**
 * An esbuild plugin: a module called x.constant.ts is evaluated by the build, and what ships in its place are the
 * values of its exports, so that a start costs nothing of their making.
 */
export const constants = (machine) => ({
  name: 'constants',
  setup({ onLoad }) {
    onLoad({ filter: /\.constant\.ts$/ }, async ({ path }) => {
      const values = await evaluate(path, machine);
      const contents = Object.entries(values).map(
        ([name, value]) => `export const ${name} = ${JSON.stringify(value)};\n`,
      );
      return { contents: contents.join(''), loader: 'js' };
    });
  },
});

async function evaluate(path, machine) {
  const folder = mkdtempSync(join(tmpdir(), 'corten-constant-'));
  const outfile = join(folder, 'constant.mjs');
  try {
    await build({
      entryPoints: [path],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'neutral',
      target: 'es2022',
      banner: { js: BANNER },
      plugins: [machineFiles(machine)],
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
