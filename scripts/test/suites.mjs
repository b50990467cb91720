import { existsSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { ROOT } from '../setup/checkout.mjs';

/** A folder with a tsconfig.json: a world of its own for the compiler. */
const WORLDS = ['src/pure', 'src/host', 'src/node', 'test'];

/**
 * What `npm test` runs, in this order. `commands` are argument lists for the checkout's Node (or for the program
 * named first); `files` are tests for Node's own runner.
 */
export function allSuites() {
  return [...staticSuites(), ...unitSuites(), ...testFiles('test').filter(isForHere).map(suiteOfFile)];
}

/** Runs engines of others, which are a large set-up: only when asked for by name. */
export function isDropin({ name }) {
  return name.startsWith('dropin-');
}

function staticSuites() {
  return [
    { name: 'types', commands: WORLDS.map((world) => ['node_modules/typescript/bin/tsc', '-p', world]) },
    { name: 'lint', commands: [['node_modules/oxlint/bin/oxlint', '--type-aware', '--deny-warnings']] },
    { name: 'format', commands: [['node_modules/oxfmt/bin/oxfmt', '--check', '.']] },
    {
      name: 'architecture',
      commands: [['node_modules/dependency-cruiser/bin/dependency-cruiser.mjs', 'src', 'test', 'scripts']],
    },
    {
      name: 'dead code',
      commands: [['node_modules/knip/bin/knip.js', '--no-progress', '--no-config-hints']],
    },
  ];
}

function unitSuites() {
  const aboutHost = testFiles('src/host').filter((file) => file.endsWith('.node.test.ts'));
  const node = testFiles('src/node');
  const others = [...['src/pure', 'scripts'].flatMap(testFiles), ...aboutHost];
  const suite = (name, files) => ({ name, files, concurrency: 2 });
  return [
    suite(
      'unit',
      others.filter((file) => !isFuzzer(file)),
    ),
    suite(
      'unit-node',
      node.filter((file) => !isFuzzer(file)),
    ),
    suite('fuzz', [...others, ...node].filter(isFuzzer)),
  ];
}

/** Takes seconds of its own: `npm run fuzz` gives it more. */
function isFuzzer(file) {
  return file.includes('.fuzz.');
}

/** A suite whose name ends with a version is about cgroups of that version, of which a machine has one. */
function isForHere(file) {
  const isV2 = existsSync('/sys/fs/cgroup/cgroup.controllers');
  return !file.endsWith(isV2 ? '-v1.test.ts' : '-v2.test.ts');
}

/** Tests of whole programs share one machine, so each file is a suite and runs alone. */
function suiteOfFile(file) {
  return { name: basename(file, '.test.ts'), files: [file], concurrency: 1 };
}

function testFiles(folder) {
  return readdirSync(`${ROOT}/${folder}`, { recursive: true })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `${folder}/${name}`)
    .sort();
}
