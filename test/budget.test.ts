// What a verb may cost before its first line runs: reading bytecode takes about 5 µs a KB, and as much again to run it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

const BUILD = fileURLToPath(new URL('../build', import.meta.url));
const KB = 1000;
const RUNT_VERB = 150 * KB;
/** Evaluated by the build, in the ready heaps of these verbs. */
const MAKES_CONTAINERS = 190 * KB;
const BUDGETS: ReadonlyMap<string, number> = new Map([
  ['corten/run', 325 * KB],
  ['corten/ps', 100 * KB],
  ['runt/create', MAKES_CONTAINERS],
  ['runt/run', MAKES_CONTAINERS],
]);

const sizes = JSON.parse(readFileSync(`${BUILD}/bytecode.json`, 'utf8')) as Record<string, number>;
const verbs = Object.keys(sizes).filter((name) => name.startsWith('cli/') && !name.endsWith('.chunk.js'));

for (const chunk of verbs) {
  const verb = chunk.slice('cli/'.length, -'.js'.length);
  const budget = BUDGETS.get(verb) ?? (verb.startsWith('runt/') ? RUNT_VERB : undefined);
  if (budget === undefined) continue;
  test(`${verb} loads at most ${budget / KB} KB of bytecode`, () => {
    const names = reachable([`main/${verb.split('/')[0]}.js`, chunk]);
    const total = [...names].reduce((sum, name) => sum + (sizes[name] ?? 0), 0);
    assert.ok(total <= budget, `${total} bytes: ${[...names].join(', ')}`);
  });
}

test('every budget is for a verb that exists', () => {
  assert.ok(verbs.length > 0);
  for (const verb of BUDGETS.keys()) assert.ok(verbs.includes(`cli/${verb}.js`), verb);
});

/** The chunks that the given ones import, themselves included. */
function reachable(names: readonly string[]): ReadonlySet<string> {
  const found = new Set(names);
  for (const name of found) {
    const source = readFileSync(`${BUILD}/host/${name}`, 'utf8');
    for (const [, path = ''] of source.matchAll(/^(?:import|\} from) ?.*?"(\.{1,2}\/[^"]+)";$/gm)) {
      found.add(posix.join(posix.dirname(name), path));
    }
  }
  return found;
}
