// What corten says to a person: slips, what isn't there yet, other names of the program.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CORTEN, Engine } from './engine/engine.ts';

test('a slip is answered with what was probably meant', () => {
  using engine = new Engine();
  engine.ok('tag', 'busybox', 'localhost:5000/web/nginx:1.2');
  engine.ok('run', '--name', 'frontend', 'busybox', 'true');
  const cases: readonly (readonly [words: readonly string[], meant: string])[] = [
    [['pss'], 'ps'],
    [['imagse'], 'images'],
    [['container', 'inspct', 'x'], 'inspect'],
    [['ps', '--fromat', 'json'], '--format'],
    [['run', '--memroy=1g', 'busybox'], '--memory'],
    [['logs', 'fronted'], 'frontend'],
    [['rmi', 'busybxo'], 'busybox'],
    [['run', '--pull', 'never', 'busyboks'], 'busybox'],
    [['run', '--pull', 'never', 'localhost:5000/web/ngnix:1.2'], 'localhost:5000/web/nginx:1.2'],
    [['run', 'localhost:1/buysbox'], ''],
  ];
  for (const [words, meant] of cases) {
    const { code, stderr } = engine.call(words);
    assert.notEqual(code, 0);
    if (meant === '') assert.doesNotMatch(stderr, /did you mean/, words.join(' '));
    else assert.ok(stderr.endsWith(`; did you mean ${meant}?\n`), `${words.join(' ')}: ${stderr}`);
  }
  for (const words of [['xyzzy'], ['logs', 'something-else'], ['ps', '--nonsense']]) {
    assert.doesNotMatch(engine.call(words).stderr, /did you mean/, words.join(' '));
  }
});

test('a store on a file system that is mounted read-only is called so', () => {
  using engine = new Engine();
  const script = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"';
  const inside = ['-m', '--propagation', 'private', 'sh', '-c', script, 'sh', engine.folder, CORTEN];
  for (const words of [['images'], ['rmi', 'busybox'], ['load', '-i', '/dev/null'], ['create', 'busybox']]) {
    for (const store of [engine.store, join(engine.folder, 'none/store')]) {
      const env = { ...engine.env, CORTEN_ROOT: store };
      const { status, stderr } = spawnSync('unshare', [...inside, ...words], { env, encoding: 'utf8' });
      // Where there is no store, there are no images either.
      if (store !== engine.store && words[0] !== 'load') continue;
      assert.notEqual(status, 0, words.join(' '));
      const place = `corten: The store ${store} lies on a file system that is mounted read-only: `;
      assert.ok(stderr.startsWith(place), `${words.join(' ')}: ${stderr}`);
    }
  }
});

test('what is not there yet says so in one sentence', () => {
  using engine = new Engine();
  for (const verb of ['build', 'compose', 'buildx', 'swarm', 'machine']) {
    const { code, stderr } = engine.call([verb, '-t', 'x', '.']);
    assert.equal(code, 125, verb);
    assert.match(stderr, new RegExp(`^corten: The command ${verb} is not there yet: .+\\n$`));
  }
});

test('links named docker and podman are corten', () => {
  using engine = new Engine();
  for (const name of ['docker', 'podman']) {
    const link = join(engine.folder, name);
    symlinkSync(CORTEN, link);
    const call = (...args: readonly string[]): string =>
      String(spawnSync(link, args, { env: { ...engine.env } }).stdout);
    assert.equal(call('run', '--rm', 'busybox', 'echo', name), `${name}\n`);
    assert.match(call('run', '-d', '--name', name, 'busybox', 'sleep', '100'), /^[0-9a-f]{64}\n$/);
    assert.equal(call('ps', '--format', '{{.Names}}', '-f', `name=${name}`), `${name}\n`);
    assert.equal(call('exec', name, 'echo', 'in'), 'in\n');
  }
});
