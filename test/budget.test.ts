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
  ['corten/run', 335 * KB],
  ['corten/ps', 100 * KB],
  ['runt/create', MAKES_CONTAINERS],
  ['runt/run', MAKES_CONTAINERS],
]);

/** A resident program takes no page before it needs it. */
const HEAPS: ReadonlyMap<string, number> = new Map([
  ['main/runt.js cli/runt/run.js', 256 * KB],
  ['main/runt.js cli/runt/exec.js', 160 * KB],
  ['main/runt.js cli/runt/kill.js', 128 * KB],
  ['main/corten.js cli/corten/run.js', 320 * KB],
  ['main/corten-monitor.js', 0],
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

test('what a start takes of its heap at once is arranged by use', () => {
  const taken = new Map(heapsOf(readFileSync(fileURLToPath(new URL('../bin/corten', import.meta.url)))));
  for (const [heap, most] of HEAPS)
    assert.ok((taken.get(heap) ?? Infinity) <= most, `${heap}: ${taken.get(heap)}`);
});

/** native/src/snapshot.rs, Footer and Listed; arena.rs, Parts: each heap's name, and the bytes copied before it runs. */
function heapsOf(executable: Buffer): [string, number][] {
  const word = (place: number): number => Number(executable.readBigUInt64LE(place));
  const [list, count] = [word(executable.length - 16), word(executable.length - 8)];
  return Array.from({ length: count }, (_, index) => {
    const listed = list + index * 216;
    const [first, start, end] = [152, 160, 168].map((place) => word(listed + place));
    const name = executable.toString('utf8', listed, executable.indexOf(0, listed));
    return [name, (first ?? 0) + (end ?? 0) - (start ?? 0)];
  });
}

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
