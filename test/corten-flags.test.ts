// docs/run-flags.md: every flag of `run` has a test that sees its effect, by a title that names the flag.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Engine } from './engine/engine.ts';

const TESTS = fileURLToPath(new URL('.', import.meta.url));
const TABLE = fileURLToPath(new URL('../docs/run-flags.md', import.meta.url));

/** Flag → the file of its test. */
const linked = new Map(
  [...readFileSync(TABLE, 'utf8').matchAll(/^\| `--([a-z-]+)`.* \| `test\/([a-z.-]+)` \|$/gm)].map(
    ([, flag = '', file = '']) => [flag, file],
  ),
);

test('every flag of run stands in the table, and every one there is a flag of run', () => {
  using engine = new Engine();
  const help = engine.ok('run', '--help');
  const flags = [...help.matchAll(/^ {2}(?:-.,| {3}) --([a-z-]+)/gm)].map(([, flag = '']) => flag);
  assert.ok(flags.length > 60, `${flags.length} flags`);
  assert.deepEqual([...linked.keys()].toSorted(), flags.filter((flag) => flag !== 'help').toSorted());
});

test('the test of every flag names it in its title', () => {
  const files = new Map(
    readdirSync(TESTS)
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => [name, titlesOf(readFileSync(TESTS + name, 'utf8'))]),
  );
  for (const [flag, file] of linked) {
    const titles = files.get(file) ?? [];
    const isNamed = titles.some((title) => new RegExp(`(^|[^a-z-])--${flag}(?![a-z-])`).test(title));
    assert.ok(isNamed, `no title in ${file} names --${flag}`);
  }
});

function titlesOf(source: string): readonly string[] {
  return [...source.matchAll(/^test\(\s*(['"`])(.*?)\1,/gm)].map(([, , title = '']) => title);
}
