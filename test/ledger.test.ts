// docs/ledger.md and the tests say the same: each number has its test, and each test of a number its line.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const ledger = readFileSync(new URL('../docs/ledger.md', import.meta.url), 'utf8');
const CVE = /CVE-\d{4}-\d{4,}/g;

/** The numbers in the names of tests, by file. */
const tested = new Map(
  readdirSync(new URL('.', import.meta.url))
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => {
      const source = readFileSync(new URL(file, import.meta.url), 'utf8');
      const names = source.match(/^test\('.*/gm) ?? [];
      return [file.slice(0, -'.test.ts'.length), new Set(names.join('\n').match(CVE))] as const;
    }),
);

test('each number of the ledger has a test in the files that its line names', () => {
  const lines = ledger.split('\n').filter((line) => line.startsWith('| CVE-'));
  assert.ok(lines.length > 10);
  for (const line of lines) {
    const files = [...line.matchAll(/`([\w-]+)`/g)]
      .map(([, file = '']) => file)
      .filter((file) => tested.has(file));
    assert.ok(files.length > 0, line);
    for (const number of line.match(CVE) ?? [])
      assert.ok(
        files.some((file) => tested.get(file)?.has(number)),
        number,
      );
  }
});

test('each number in the name of a test of the ledger has its line', () => {
  for (const [file, numbers] of tested) {
    if (!file.startsWith('ledger')) continue;
    for (const number of numbers) assert.ok(ledger.includes(number), `${file}: ${number}`);
  }
});
