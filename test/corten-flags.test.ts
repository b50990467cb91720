// docs/run-flags.md: every flag of `run` has a test that sees its effect, which uses it or names it in its title.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Engine } from './engine/engine.ts';

const TESTS = fileURLToPath(new URL('.', import.meta.url));
const TABLE = fileURLToPath(new URL('../docs/run-flags.md', import.meta.url));

/** Flag → the file of its test. */
const linked = new Map(
  [...readFileSync(TABLE, 'utf8').matchAll(/^\| `--([a-z0-9-]+)`.* \| `test\/([a-z.-]+)` \|$/gm)].map(
    ([, flag = '', file = '']) => [flag, file],
  ),
);

test('every flag of run stands in the table, and every one there is a flag of run', () => {
  using engine = new Engine();
  const help = engine.ok('run', '--help');
  const flags = [...help.matchAll(/^ {2}(?:-.,| {3}) --([a-z0-9-]+)/gm)].map(([, flag = '']) => flag);
  assert.ok(flags.length > 60, `${flags.length} flags`);
  assert.deepEqual([...linked.keys()].toSorted(), flags.filter((flag) => flag !== 'help').toSorted());
});

test('the test of every flag uses it, or names it in its title', () => {
  const sources = new Map(
    readdirSync(TESTS)
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => [name, readFileSync(TESTS + name, 'utf8')]),
  );
  for (const [flag, file] of linked) {
    const source = sources.get(file) ?? '';
    const named = new RegExp(`(^|[^a-z-])--${flag}(?![a-z-])`);
    const isUsed = new RegExp(`['"\`]--${flag}(['"\`=])`).test(source);
    assert.ok(
      isUsed || titlesOf(source).some((title) => named.test(title)),
      `nothing in ${file} is about --${flag}`,
    );
  }
});

function titlesOf(source: string): readonly string[] {
  return [...source.matchAll(/^test\(\s*(['"`])(.*?)\1,/gm)].map(([, , title = '']) => title);
}
