// events: statistics as containerd's go-runc decodes them, and notices of want of memory.

import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { until } from './engine/engine.ts';
import { Bundle, UNIFIED } from './runtime/bundle.ts';

interface Event {
  readonly type: string;
  readonly id: string;
  readonly data: Record<string, unknown>;
}

function parse(text: string): readonly Event[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Event);
}

function wholeLines(text: string): string {
  return text.slice(0, text.lastIndexOf('\n') + 1);
}

/** The names of all fields, in order, down to the leaves. */
function shapeOf(value: unknown, at = ''): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${at}: ${kindOf(value)}`];
  return Object.entries(value)
    .flatMap(([key, inner]) => shapeOf(inner, `${at}.${key}`))
    .toSorted();
}

function kindOf(value: unknown): string {
  if (!Array.isArray(value)) return value === null ? 'null' : typeof value;
  const [first] = value as readonly unknown[];
  return first === undefined ? 'list' : `list of {${shapeOf(first).join(', ')}}`;
}

const RESOURCES = { memory: { limit: 64 << 20 }, pids: { limit: 50 } };

test('events --stats prints one line that has every field of runc’s, with the container’s own figures', () => {
  using bundle = new Bundle();
  bundle.config.linux['resources'] = RESOURCES;
  bundle.start();
  const { code, stdout, stderr } = bundle.call(['events', '--stats', bundle.id]);
  assert.deepEqual([code, stderr], [0, '']);
  const [event = { type: '', id: '', data: {} }, ...more] = parse(stdout);
  assert.deepEqual([event.type, event.id, more], ['stats', bundle.id, []]);
  const { cpu, memory, pids } = event.data as unknown as {
    cpu: { usage: { total: number; percpu?: readonly number[] } };
    memory: { usage: { limit: number; usage: number }; raw: Record<string, number> };
    pids: object;
  };
  assert.deepEqual(pids, { current: 1, limit: 50 });
  assert.equal(memory.usage.limit, 64 << 20);
  assert.ok(memory.usage.usage > 0 && cpu.usage.total > 0 && (UNIFIED ? 'anon' : 'rss') in memory.raw);
  assert.equal(
    UNIFIED ? undefined : cpu.usage.total,
    cpu.usage.percpu?.reduce((sum, value) => sum + value, 0),
  );

  using other = new Bundle();
  other.config.linux['resources'] = RESOURCES;
  other.config.process['args'] = ['sleep', '1000'];
  other.write();
  other.call(['run', '-d', '-b', other.path, other.id], {}, 'runc');
  try {
    const theirs = parse(other.call(['events', '--stats', other.id], {}, 'runc').stdout)[0];
    const ours = new Set(shapeOf(event.data).map(nameOf));
    // Fields that runc leaves out when they are empty are none of these.
    assert.deepEqual(
      shapeOf(theirs?.data).filter((field) => !ours.has(nameOf(field)) && !field.startsWith('.blkio')),
      [],
    );
  } finally {
    other.call(['delete', '--force', other.id], {}, 'runc');
  }
});

function descriptorsOf(pid: number): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).map((name) => {
    try {
      return readlinkSync(`${folder}/${name}`);
    } catch {
      // Closed between the two calls.
      return '';
    }
  });
}

function nameOf(field: string): string {
  return field.slice(0, field.indexOf(':'));
}

test('events prints statistics at each interval until the container ends', async () => {
  using bundle = new Bundle();
  bundle.start();
  const watching = bundle.spawn(['events', '--interval', '20ms', bundle.id]);
  await until('two statistics', () => parse(wholeLines(watching.printed())).length >= 2);
  assert.equal(bundle.call(['kill', bundle.id, 'KILL']).code, 0);
  const { code, stdout, stderr } = await watching.outcome;
  assert.deepEqual([code, stderr], [0, '']);
  assert.ok(parse(stdout).every(({ type, id }) => type === 'stats' && id === bundle.id));
});

/** By which descriptor the kernel tells it. */
const WATCH = UNIFIED ? 'anon_inode:inotify' : 'anon_inode:[eventfd]';

test('events tells when the container runs out of memory', async () => {
  using bundle = new Bundle();
  bundle.config.linux['resources'] = { memory: { limit: 16 << 20, swap: 16 << 20 } };
  bundle.start();
  const watching = bundle.spawn(['events', '--interval', '1h', bundle.id]);
  await until('the watch', () => descriptorsOf(watching.pid).includes(WATCH));
  bundle.call(['exec', bundle.id, 'sh', '-c', 'head -c 100m /dev/zero | tail']);
  bundle.call(['kill', bundle.id, 'KILL']);
  const { code, stdout, stderr } = await watching.outcome;
  assert.deepEqual([code, stderr], [0, '']);
  assert.deepEqual(parse(stdout)[0], { type: 'oom', id: bundle.id });
});

test('events of what is not running, and an interval that is none, are refused in words', () => {
  using bundle = new Bundle();
  bundle.start();
  assert.match(bundle.call(['events', 'nobody']).stderr, /nobody does not exist/);
  for (const text of ['5', 'soon', '0s', '-1s', ''])
    assert.match(
      bundle.call(['events', `--interval=${text}`, bundle.id]).stderr,
      /--interval takes a time/,
      text,
    );
});
