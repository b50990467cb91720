import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { fileFor, machineFiles } from './machine.mjs';

const KERNEL = join(process.cwd(), 'src/host/kernel');
const CONSTANTS = join(KERNEL, 'constants.ts');

/** Programs that stay for as long as a container lives: their memory counts more than their time. */
export const RESIDENT = ['main/corten-monitor', 'main/corten-forwarder', 'main/corten-pod'];

/**
 * An esbuild plugin for what stays resident, where each entry of a table costs memory for as long as a container
 * lives: the kernel's constants stand where they are used, and of the numbers of system calls only those stay that
 * one of its files names. `options` are those of the build itself, for one machine.
 */
export async function residentTables(options, machine) {
  const numbersFile = fileFor(machine, join(KERNEL, 'numbers.ts'));
  const { metafile } = await build({ ...options, write: false, metafile: true });
  const sources = Object.keys(metafile.inputs).map((path) => readFileSync(path, 'utf8'));
  const named = new Set(sources.flatMap((source) => [...source.matchAll(/'([a-z_0-9]+)'|NR\.([a-z_0-9]+)/g)].map((found) => found[1] ?? found[2])));
  const constants = await valuesOf(CONSTANTS, machine);
  const numbers = await valuesOf(numbersFile, machine);
  return {
    name: 'resident tables',
    setup({ onLoad }) {
      onLoad({ filter: /src\/host\/.*\.ts$/ }, ({ path }) => {
        if (path === numbersFile) return { contents: numbersOf(numbers, named), loader: 'js' };
        if (path === CONSTANTS) return undefined;
        return { contents: inlined(readFileSync(path, 'utf8'), constants), loader: 'ts' };
      });
    },
  };
}

/** `POLL.IN` becomes `1` in a file that imports POLL from the kernel's constants. */
function inlined(source, constants) {
  const [, list] = /import \{([^}]*)\} from '[^']*kernel\/constants\.ts'|import \{([^}]*)\} from '\.\/constants\.ts'/.exec(source) ?? [];
  const names = (list ?? '').split(',').map((name) => name.trim());
  return names
    .filter((name) => typeof constants[name] === 'object')
    .reduce(
      (text, name) =>
        text.replace(new RegExp(`\\b${name}\\.([A-Z][A-Z0-9_]*)\\b`, 'g'), (whole, key) => {
          const value = constants[name][key];
          return typeof value === 'number' ? `(${value})` : whole;
        }),
      source,
    );
}

function numbersOf({ NR, ...others }, named) {
  const kept = Object.fromEntries(Object.entries(NR).filter(([name]) => named.has(name)));
  return Object.entries({ NR: kept, ...others })
    .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};\n`)
    .join('');
}

/** The exports of a module of constants alone. */
async function valuesOf(path, machine) {
  const { outputFiles } = await build({ entryPoints: [path], bundle: true, write: false, format: 'esm', plugins: [machineFiles(machine)] });
  const text = Buffer.from(outputFiles[0].contents).toString('base64');
  return import(`data:text/javascript;base64,${text}#${pathToFileURL(path).pathname}`);
}
