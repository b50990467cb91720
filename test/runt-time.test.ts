// Time namespaces: clocks of the container's own.

import assert from 'node:assert/strict';
import { readFileSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { Bundle, type Config } from './runtime/bundle.ts';

const DAY = 86_400;

function uptime(): number {
  return Number(readFileSync('/proc/uptime', 'utf8').split(' ', 1)[0]);
}

function withOffsets({ linux }: Config): void {
  linux.namespaces.push({ type: 'time' });
  linux['timeOffsets'] = { monotonic: { secs: 5 * DAY, nanosecs: 7 }, boottime: { secs: 3 * DAY } };
}

const OFFSETS = 'monotonic 432000 7|boottime 259200 0';

function seen(text: string): string {
  return text.trim().replace(/ +/g, ' ').replaceAll('\n', '|');
}

test('linux.timeOffsets moves the clocks of the program, and of it alone', () => {
  using bundle = new Bundle();
  withOffsets(bundle.config);
  const own = readlinkSync('/proc/self/ns/time');
  bundle.script('cat /proc/self/timens_offsets; cut -d. -f1 /proc/uptime; readlink /proc/self/ns/time');
  const before = uptime();
  const lines = bundle.output().trim().split('\n');
  assert.equal(seen(lines.slice(0, 2).join('\n')), OFFSETS);
  assert.ok(Number(lines[2]) >= Math.floor(before) + 3 * DAY);
  assert.notEqual(lines[3], own);
});

test('exec is on the clocks of the container, and its processes are known by the host’s', () => {
  using bundle = new Bundle();
  withOffsets(bundle.config);
  bundle.start();
  assert.equal(seen(bundle.call(['exec', bundle.id, 'cat', '/proc/self/timens_offsets']).stdout), OFFSETS);
  const { status } = JSON.parse(bundle.call(['state', bundle.id]).stdout) as { status: string };
  assert.equal(status, 'running');
});

test('a time namespace is joined by its path, and without offsets has the clocks of the host', () => {
  using holder = new Bundle();
  withOffsets(holder.config);
  holder.start();
  const { pid } = JSON.parse(holder.call(['state', holder.id]).stdout) as { pid: number };
  using bundle = new Bundle();
  bundle.config.linux.namespaces.push({ type: 'time', path: `/proc/${pid}/ns/time` });
  bundle.script('readlink /proc/self/ns/time; cat /proc/self/timens_offsets');
  const [namespace, ...lines] = bundle.output().trim().split('\n');
  assert.equal(namespace, readlinkSync(`/proc/${pid}/ns/time`));
  assert.equal(seen(lines.join('\n')), OFFSETS);

  using plain = new Bundle();
  plain.config.linux.namespaces.push({ type: 'time' });
  plain.script('cat /proc/self/timens_offsets');
  assert.equal(seen(plain.output()), 'monotonic 0 0|boottime 0 0');
});

test('a time namespace with a user namespace, and with a pid namespace that is joined', () => {
  using bundle = new Bundle();
  withOffsets(bundle.config);
  bundle.config.linux.namespaces.push({ type: 'user' });
  const all = [{ containerID: 0, hostID: 0, size: 65536 }];
  Object.assign(bundle.config.linux, { uidMappings: all, gidMappings: all });
  bundle.start();
  const read = ['cat', '/proc/self/timens_offsets'];
  assert.equal(seen(bundle.call(['exec', bundle.id, ...read]).stdout), OFFSETS);

  using holder = new Bundle();
  holder.start();
  const { pid } = JSON.parse(holder.call(['state', holder.id]).stdout) as { pid: number };
  using joined = new Bundle();
  withOffsets(joined.config);
  joined.config.linux.namespaces = joined.config.linux.namespaces.map((one) =>
    one['type'] === 'pid' ? { ...one, path: `/proc/${pid}/ns/pid` } : one,
  );
  joined.config.process['args'] = read;
  assert.equal(seen(joined.output()), OFFSETS);
});

test('offsets that are wrong are refused by name', () => {
  const wrong: readonly (readonly [(config: Config) => void, RegExp])[] = [
    [({ linux }) => linux.namespaces.pop(), /The field linux\.timeOffsets must be left out where no time/],
    [
      ({ linux }) => (linux['timeOffsets'] = { realtime: { secs: 1 } }),
      /linux\.timeOffsets: a key must be one of/,
    ],
    [
      ({ linux }) => (linux['timeOffsets'] = { monotonic: { secs: 'x' } }),
      /linux\.timeOffsets\.monotonic\.secs must/,
    ],
    [
      ({ linux }) => (linux['timeOffsets'] = { boottime: { nanosecs: 1e9 } }),
      /linux\.timeOffsets\.boottime\.nanosecs must/,
    ],
    [
      ({ linux }) => (linux['timeOffsets'] = { boottime: { secs: -1e9 } }),
      /Set linux\.timeOffsets: ERANGE.*, a clock would run/,
    ],
    [
      ({ linux }) =>
        (linux.namespaces = linux.namespaces.map((one) =>
          one['type'] === 'time' ? { ...one, path: '/x' } : one,
        )),
      /linux\.timeOffsets must be left out where a time namespace is joined/,
    ],
    [
      ({ linux }) => {
        delete linux['timeOffsets'];
        linux.namespaces = linux.namespaces.map((one) =>
          one['type'] === 'time' ? { ...one, path: '/x' } : one,
        );
      },
      /Join the time namespace \/x: ENOENT/,
    ],
  ];
  for (const [change, message] of wrong) {
    using bundle = new Bundle();
    withOffsets(bundle.config);
    change(bundle.config);
    const { code, stderr } = bundle.run();
    assert.equal(code, 1, String(message));
    assert.match(stderr, message);
    assert.deepEqual(bundle.leftovers(), []);
  }
});
