// docs/errors.md against the code, both ways.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CODE =
  '(?:CLI|SPEC|RUNTIME|ENGINE|MONITOR|SNAPSHOT|REFERENCE|IMAGE|ARCHIVE|STORE|REGISTRY|PLATFORM|PUSH|CONFIG|VOLUME|NETWORK)_[A-Z_]+';
const KINDS =
  /'(invalid_argument|not_found|already_exists|permission_denied|resource_exhausted|failed_precondition|aborted|unimplemented|internal|unavailable|data_loss|unauthenticated)'/;

const documented = new Map(
  [...readFileSync(`${ROOT}/docs/errors.md`, 'utf8').matchAll(/^\| ([A-Z_]+) \| ([a-z_]+) \| .+ \|$/gm)].map(
    ([, code = '', kind = '']) => [code, kind],
  ),
);
const sources = readdirSync(`${ROOT}/src`, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => readFileSync(`${ROOT}/src/${name}`, 'utf8'));

/** Code → kind of every table of codes, and of every error that is made without one. */
function codesInSources(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const source of sources) {
    for (const [, code = '', kind = ''] of source.matchAll(new RegExp(`^  (${CODE}): '([a-z_]+)',$`, 'gm'))) {
      found.set(code, kind);
    }
    for (const match of source.matchAll(new RegExp(`'(${CODE})'`, 'g'))) {
      const before = source.slice(Math.max(0, match.index - 40), match.index);
      const kind = KINDS.exec(before)?.[1];
      if (match[1] !== undefined && kind !== undefined && !found.has(match[1])) found.set(match[1], kind);
    }
  }
  return found;
}

test('every code of the sources is explained, with its kind', () => {
  const found = codesInSources();
  assert.ok(found.size > 60, `${found.size} codes`);
  assert.deepEqual(
    [...found].filter(([code, kind]) => documented.get(code) !== kind),
    [],
  );
});

test('every code that is explained is one of the sources', () => {
  const found = codesInSources();
  assert.deepEqual(
    [...documented.keys()].filter((code) => !found.has(code)),
    [],
  );
});
