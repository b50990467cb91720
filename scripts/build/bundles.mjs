import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build } from 'esbuild';
import { builtins } from './builtins.mjs';
import { constants } from './constants.mjs';
import { machineFiles } from './machine.mjs';
import { RESIDENT, residentTables } from './resident.mjs';

const VERBS = ['src/host/main', 'src/host/cli/runt', 'src/host/cli/corten'];

const COMMON = {
  bundle: true,
  format: 'esm',
  sourcesContent: false,
  logLevel: 'warning',
  absWorkingDir: process.cwd(),
};

// QuickJS-ng runs `using`, which es2024 alone would have lowered.
const hostOptions = (machine) => ({
  ...COMMON,
  splitting: true,
  platform: 'neutral',
  mainFields: ['module', 'main'],
  target: 'es2024',
  supported: { using: true },
  sourcemap: 'external',
  chunkNames: 'chunk-[hash]',
  define: { BUILD_COMMIT: JSON.stringify(commit()) },
  plugins: [constants(machine), machineFiles(machine)],
});

/**
 * The programs of the native host for a machine: one chunk a verb, shared code in chunks of its own. What stays
 * resident has bundles of its own, so that it holds nothing that only others need.
 */
export async function bundleHost(outdir, machine) {
  fresh(outdir);
  const entries = Object.entries(hostEntries());
  const [resident, others] = [true, false].map((isResident) =>
    Object.fromEntries(entries.filter(([name]) => RESIDENT.includes(name) === isResident)),
  );
  return Promise.all([
    build({ ...hostOptions(machine), outdir, entryPoints: others }),
    ...Object.entries(resident).map((entry) =>
      bundleResident({ outdir, machine, entryPoints: Object.fromEntries([entry]) }),
    ),
  ]);
}

async function bundleResident({ machine, ...places }) {
  const options = { ...hostOptions(machine), ...places, splitting: false, minify: true };
  return build({ ...options, plugins: [...options.plugins, await residentTables(options, machine)] });
}

/** The same, with every test that runs in the host. */
export function bundleTests(outdir, machine) {
  fresh(outdir);
  const tests = [...filesBelow('src/pure'), ...filesBelow('src/host')].filter(
    (path) => path.endsWith('.test.ts') && !path.endsWith('.node.test.ts'),
  );
  const entries = Object.fromEntries(tests.map((path) => [`test/${path.replace(/^src\/|\.test\.ts$/g, '')}`, path]));
  const alias = { 'node:test': './test/shim/test.ts', 'node:assert/strict': './test/shim/assert.ts' };
  const program = { 'main/corten-test': 'test/shim/corten-test.ts' };
  return build({ ...hostOptions(machine), outdir, alias, entryPoints: { ...hostEntries(), ...entries, ...program } });
}

/** The Node program. */
export function bundleNode(outdir) {
  fresh(outdir);
  return build({
    ...COMMON,
    outdir,
    platform: 'node',
    target: 'node24',
    splitting: true,
    sourcemap: 'linked',
    chunkNames: 'chunk-[hash]',
    entryPoints: ['src/node/main/corten-node.ts'],
    plugins: [builtins],
  });
}

function hostEntries() {
  const verbs = VERBS.flatMap((folder) => listIfThere(folder).map((name) => join(folder, name)));
  const lazy = filesBelow('src/host').filter((path) => path.endsWith('.chunk.ts'));
  const sources = [...verbs, ...lazy].filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'));
  return Object.fromEntries(sources.map((path) => [relative('src/host', path).replace(/\.ts$/, ''), path]));
}

function listIfThere(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true }).map((name) => join(folder, name));
}

function fresh(outdir) {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
}

function commit() {
  const { status, stdout } = spawnSync('git', ['describe', '--always', '--dirty', '--abbrev=40', '--exclude=*'], {
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : 'unknown';
}
