import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../engine/engine.ts';
import type { NetworkHost } from '../network/host.ts';
import { ownProcesses, textOf } from './own-processes.ts';

interface Event {
  readonly number: number;
  readonly type: string;
  readonly action: string;
  readonly id: string;
}

/** All that is on record, by the files themselves. */
function recordedEvents(store: string): readonly Event[] {
  const files = ['log.1', 'log'].map((name) => join(store, 'events', name)).filter(existsSync);
  const lines = files.flatMap((path) => readFileSync(path, 'utf8').trimEnd().split('\n'));
  return lines.map((line) => JSON.parse(line) as Event);
}

/** Numbers go up by one, and a container's life begins and ends once. What a command was killed at may be left out. */
function mustBeInOrder(events: readonly Event[]): void {
  const first = events[0]?.number ?? 1;
  assert.deepEqual(
    events.map(({ number }) => number),
    events.map((_, index) => first + index),
  );
  const lives = Map.groupBy(
    events.filter(({ type }) => type === 'container'),
    ({ id }) => id,
  );
  for (const [id, life] of lives) {
    const actions = life.map(({ action }) => action).filter((action) => OF_LIFE.has(action));
    assert.match(actions.join(' '), /^(?:create ?)?(?:start ?|die ?)*(?:destroy)?$/, id);
  }
}

const OF_LIFE: ReadonlySet<string> = new Set(['create', 'start', 'die', 'destroy']);

/** Whatever happened, users get rid of all there is by the usual commands, and then nothing is left. */
export async function mustLeaveNothing(host: NetworkHost): Promise<void> {
  const events = recordedEvents(host.store);
  mustBeInOrder(events);
  for (const { type, id } of events) if (type === 'container') host.note(id);
  removeContainers(host);
  assert.deepEqual(host.traces(), []);
  assert.deepEqual(readdirSync(join(host.store, 'containers')), []);
  removeOthers(host);
  assert.deepEqual(await host.leftovers(), []);
  await until('the end of all processes', () => ownProcesses(host.folder).length === 0);
  assert.deepEqual(mountsOf(host.folder), []);
  mustBeEmpty(host.store);
}

function removeContainers(host: NetworkHost): void {
  const names = linesOf(host.ok('ps', '-a', '--format', '{{.Names}}'));
  for (const name of names) {
    const { code, stderr } = host.call(['inspect', name]);
    assert.ok(code === 0 || stderr.includes('was never created whole'), `inspect ${name}: ${stderr}`);
    const removed = host.call(['rm', '-f', name]);
    assert.deepEqual([removed.code, removed.stderr], [0, ''], `rm -f ${name}`);
  }
  assert.equal(host.ok('ps', '-aq'), '');
}

function removeOthers(host: NetworkHost): void {
  host.ok('network', 'prune', '-f');
  host.ok('volume', 'prune', '-a', '-f');
  const images = linesOf(host.ok('images', '-aq'));
  if (images.length > 0) host.ok('rmi', '-f', ...new Set(images));
  host.ok('system', 'prune', '-a', '-f');
  host.ok('system', 'check');
}

function mustBeEmpty(store: string): void {
  const inside = (folder: string): readonly string[] =>
    existsSync(join(store, folder)) ? readdirSync(join(store, folder)) : [];
  // The default network stays.
  assert.deepEqual(
    inside('networks').filter((name) => name !== 'bridge'),
    [],
  );
  for (const folder of ['blobs/sha256', 'layers', 'names', 'volumes', 'trees'])
    assert.deepEqual(inside(folder), [], folder);
  assert.deepEqual(
    inside('tmp').filter((name) => name !== 'lock'),
    [],
  );
}

/** In any process's mount namespace. */
function mountsOf(folder: string): readonly string[] {
  const tables = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const lines = tables.flatMap((pid) => textOf(`/proc/${pid}/mountinfo`).split('\n'));
  return lines.filter((line) => line.includes(folder));
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}
