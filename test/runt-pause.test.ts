// pause, resume, and what other verbs make of a paused container.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Bundle, UNIFIED } from './runtime/bundle.ts';
import type { RuntimeName } from './runtime/programs.ts';
import { until } from './engine/engine.ts';

function statusOf(bundle: Bundle): string {
  return (JSON.parse(bundle.call(['state', bundle.id]).stdout) as { status: string }).status;
}

function ok(bundle: Bundle, ...args: readonly string[]): string {
  const { code, stdout, stderr } = bundle.call(args);
  assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
  return stdout;
}

test('pause freezes everybody, resume lets them go on, and list, ps and state say so', () => {
  using bundle = new Bundle();
  bundle.start();
  ok(bundle, 'exec', '--detach', bundle.id, 'sleep', '1000');
  ok(bundle, 'pause', bundle.id);
  assert.equal(statusOf(bundle), 'paused');
  assert.match(ok(bundle, 'list'), new RegExp(`^${bundle.id} +\\d+ +paused `, 'm'));
  const pids = JSON.parse(ok(bundle, 'ps', '--format', 'json', bundle.id)) as number[];
  assert.equal(pids.length, 2);
  const file = UNIFIED ? `${bundle.id}/cgroup.events` : `freezer/${bundle.id}/freezer.state`;
  assert.match(readFileSync(`/sys/fs/cgroup/${file}`, 'utf8'), /^(FROZEN|frozen 1)$/m);
  ok(bundle, 'pause', bundle.id);
  ok(bundle, 'resume', bundle.id);
  assert.equal(statusOf(bundle), 'running');
  assert.match(bundle.call(['resume', bundle.id]).stderr, /is not paused/);
});

test('a created container can be paused, and is created again when it is resumed', () => {
  using bundle = new Bundle();
  bundle.script('exec sleep 1000');
  bundle.write();
  ok(bundle, 'create', '--bundle', bundle.path, bundle.id);
  ok(bundle, 'pause', bundle.id);
  assert.equal(statusOf(bundle), 'paused');
  ok(bundle, 'resume', bundle.id);
  assert.equal(statusOf(bundle), 'created');
});

test('exec into a paused container is refused, unless told to wait for its resume', async () => {
  using bundle = new Bundle();
  bundle.start();
  ok(bundle, 'pause', bundle.id);
  const refused = bundle.call(['exec', bundle.id, 'true']);
  assert.deepEqual([refused.code, refused.stdout], [255, '']);
  assert.match(refused.stderr, /is paused: resume it, or use --ignore-paused/);
  const waiting = bundle.spawn(['exec', '--ignore-paused', bundle.id, 'echo', 'resumed']);
  await until('a second process in the container', () => {
    const pids = JSON.parse(ok(bundle, 'ps', '-f', 'json', bundle.id)) as number[];
    return pids.length === 2;
  });
  ok(bundle, 'resume', bundle.id);
  const { code, stdout, stderr } = await waiting.outcome;
  assert.deepEqual([code, stdout], [0, 'resumed\n'], stderr);
});

test('a paused container gets other signals when it is resumed, dies of KILL at once, and is deleted by force', async () => {
  for (const kill of [['kill'], ['kill', '--all']]) {
    using bundle = new Bundle();
    bundle.start();
    ok(bundle, 'pause', bundle.id);
    ok(bundle, ...kill, bundle.id, 'USR1');
    assert.equal(statusOf(bundle), 'paused');
    ok(bundle, ...kill, bundle.id, 'KILL');
    await until('its end', () => statusOf(bundle) === 'stopped');
  }
  using bundle = new Bundle();
  bundle.start();
  ok(bundle, 'pause', bundle.id);
  assert.match(bundle.call(['delete', bundle.id]).stderr, /is running/);
  ok(bundle, 'delete', '--force', bundle.id);
  assert.deepEqual(bundle.leftovers(), []);
});

test('pause and resume of what does not run are refused as runc refuses them', async () => {
  for (const name of ['runt', 'runc'] as const satisfies readonly RuntimeName[]) {
    using bundle = new Bundle();
    bundle.script('true');
    bundle.write();
    assert.equal(bundle.call(['create', '--bundle', bundle.path, bundle.id], {}, name).code, 0);
    assert.equal(bundle.call(['start', bundle.id], {}, name).code, 0);
    await until('its end', () => bundle.call(['state', bundle.id], {}, name).stdout.includes('"stopped"'));
    for (const verb of ['pause', 'resume']) {
      const { code, stderr } = bundle.call([verb, bundle.id], {}, name);
      assert.notEqual(code, 0, `${name} ${verb}`);
      assert.match(stderr, /not (running|paused)/, `${name} ${verb}`);
      assert.match(bundle.call([verb, 'nobody'], {}, name).stderr, /does not exist/);
    }
    bundle.call(['delete', bundle.id], {}, name);
  }
});
