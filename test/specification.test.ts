// SPECIFICATION.md names for each promise what shows it: that must exist, and what can be counted is counted here.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const RUST_LINES = 1500;

const specification = readFileSync(`${ROOT}/SPECIFICATION.md`, 'utf8');
const { scripts } = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8')) as {
  scripts: Record<string, string>;
};

test('everything that SPECIFICATION.md says shows a promise exists', () => {
  const files = [...specification.matchAll(/`(?:node )?((?:src|test|bench|docs)\/[^` ]+)`/g)];
  assert.ok(files.length > 5);
  for (const [, path = ''] of files) assert.ok(existsSync(`${ROOT}/${path}`), path);
  for (const [, name = ''] of specification.matchAll(/`npm run ([\w:]+)`/g)) assert.ok(name in scripts, name);
});

test(`the native host has less than ${RUST_LINES} lines of Rust`, () => {
  const names = readdirSync(`${ROOT}/native/src`).map((name) => `src/${name}`);
  const files = ['build.rs', ...names].map((name) => readFileSync(`${ROOT}/native/${name}`, 'utf8'));
  const lines = files.reduce((sum, text) => sum + text.split('\n').length - 1, 0);
  assert.ok(lines < RUST_LINES, `${lines} lines`);
});
