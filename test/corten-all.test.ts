// What podman's users expect of commands about several containers, and of `exists`.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from './engine/engine.ts';

const lines = (text: string): number => text.split('\n').filter((line) => line !== '').length;

test('stop, kill, restart and rm take --all, and flags behind names', () => {
  using engine = new Engine();
  const run = (name: string): string => engine.ok('run', '-d', '--name', name, 'busybox', 'sleep', '1000');
  for (const name of ['a', 'b']) run(name);
  engine.ok('create', '--name', 'c', 'busybox', 'sleep', '1000');
  assert.equal(lines(engine.ok('kill', '--all', '-s', 'WINCH')), 2);
  assert.equal(lines(engine.ok('stop', '-a', '-t', '0')), 2);
  assert.equal(engine.ok('stop', '-a'), '');
  assert.equal(lines(engine.ok('restart', '-a', '-t', '0')), 3);
  assert.equal(lines(engine.ok('ps', '--noheading')), 3);
  const { code, stderr } = engine.call(['rm', '-a']);
  assert.deepEqual([code, lines(stderr)], [1, 3], 'those that run stay');
  assert.equal(engine.ok('rm', 'a', '-f', '-t', '0'), 'a');
  assert.equal(lines(engine.ok('rm', '-fa')), 2);
  assert.match(engine.call(['rm', '-a', 'x']).stderr, /^corten: The flag --all goes with no name/);
  assert.match(engine.call(['stop']).stderr, /^corten: Name at least one container to stop/);
  assert.deepEqual(engine.traces(), []);
});

test('rm and stop --ignore: one that is not there is no error', () => {
  using engine = new Engine();
  for (const verb of ['rm', 'stop']) {
    assert.equal(engine.call([verb, 'nobody']).code, 1);
    assert.equal(engine.ok(verb, '--ignore', 'nobody'), '');
  }
});

test('container, image, volume and network exists answer by exit code', () => {
  using engine = new Engine();
  engine.ok('create', '--name', 'c', 'busybox');
  engine.ok('volume', 'create', 'v');
  engine.ok('network', 'create', 'n');
  const things = { container: 'c', image: 'busybox', volume: 'v', network: 'n' };
  for (const [kind, name] of Object.entries(things)) {
    assert.equal(engine.call([kind, 'exists', name]).code, 0, kind);
    const { code, stderr } = engine.call([kind, 'exists', 'nothing']);
    assert.deepEqual([code, stderr], [1, ''], kind);
  }
  engine.ok('network', 'rm', 'n');
});
