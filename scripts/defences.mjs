// `npm run test:defences`: switches off each defence of scripts/defences/list.mjs in a copy of the tree, builds that and
// expects the named test to fail; the same tests must pass before. `-- WORD...` takes those whose name has a word.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFENCES } from './defences/list.mjs';
import { isRoot, ROOT } from './setup/checkout.mjs';
import { setUp } from './setup.mjs';

/** Made by the set-up: too large to copy where nothing writes to them. */
const SHARED = ['node_modules', '.tools'];
const COPIED = ['native-target', 'bin', 'build'];
const LIMIT_MS = 180_000;

const passed = new Map();

process.exitCode = await main(process.argv.slice(2));

async function main(words) {
  if (!isRoot()) console.log('The container tests need root: type "sudo npm run test:defences".');
  if (!isRoot() || !(await setUp({ packages: ['test'] }))) return 1;
  const defences = DEFENCES.filter(
    ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
  );
  const tree = copyTree();
  try {
    const broken = defences.filter((defence) => !passesWhole(tree, defence));
    for (const { name, test } of broken)
      console.log(`FAILED ${name}: ${test.join(': ')} fails with it as well`);
    const missed = defences.filter((defence) => !broken.includes(defence) && !isNoticed(tree, defence));
    const failed = broken.length + missed.length;
    console.log(`${defences.length - failed} passed, ${failed} failed`);
    return failed === 0 && defences.length > 0 ? 0 : 1;
  } finally {
    rmSync(tree, { recursive: true });
  }
}

/** What git knows, with what the set-up has made. */
function copyTree() {
  const tree = mkdtempSync(join(tmpdir(), 'corten-defences-'));
  const listed = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
  });
  for (const file of listed.stdout.toString().split('\0').filter(Boolean)) {
    cpSync(join(ROOT, file), join(tree, file), { recursive: true });
  }
  for (const name of SHARED) symlinkSync(join(ROOT, name), join(tree, name));
  for (const name of COPIED)
    cpSync(join(ROOT, name), join(tree, name), {
      recursive: true,
      verbatimSymlinks: true,
      preserveTimestamps: true,
    });
  return tree;
}

/** Each test once. */
function passesWhole(tree, { test }) {
  const key = test.join('\0');
  if (!passed.has(key)) passed.set(key, passes(tree, test));
  return passed.get(key);
}

function isNoticed(tree, { name, file, from, to, test }) {
  const path = join(tree, file);
  const whole = readFileSync(path, 'utf8');
  if (whole.split(from).length !== 2) {
    console.log(`FAILED ${name}: its text is not found exactly once in ${file}`);
    return false;
  }
  writeFileSync(
    path,
    whole.replace(from, () => to),
  );
  try {
    if (!builds(tree)) {
      console.log(`FAILED ${name}: without it the tree does not build`);
      return false;
    }
    const isRed = !passes(tree, test);
    console.log(
      `${isRed ? 'ok    ' : 'FAILED'} ${name}${isRed ? '' : `: ${test.join(': ')} passes without it`}`,
    );
    return isRed;
  } finally {
    writeFileSync(path, whole);
  }
}

function builds(tree) {
  return runs(tree, [join(ROOT, 'bin/node'), 'scripts/build.mjs', '--host']);
}

function passes(tree, [file, name]) {
  const pattern = `^${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`;
  return runs(tree, [join(ROOT, 'bin/node'), '--test', `--test-name-pattern=${pattern}`, file]);
}

/** In a process group of its own, which is ended with it. */
function runs(tree, [program, ...args]) {
  const limit = ['-k', '5', String(LIMIT_MS / 1000), program, ...args];
  return spawnSync('timeout', limit, { cwd: tree, stdio: 'ignore' }).status === 0;
}
