// Secrets: kept in the store, seen by the container alone, and by nothing that is made of it.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Engine } from './engine/engine.ts';
import { makeBusybox } from './engine/images.ts';

const VALUE = 'hunter2-ß\n';

function engineWith(name: string, value: string | Buffer = VALUE): Engine {
  const engine = new Engine();
  assert.equal(engine.call(['secret', 'create', name, '-'], { input: value }).code, 0);
  return engine;
}

test('secret create, ls, inspect, exists and rm, in podman’s words', () => {
  using engine = new Engine();
  const file = join(engine.folder, 'value');
  writeFileSync(file, VALUE);
  const id = engine.ok('secret', 'create', '-l', 'a=b', 'db', file);
  assert.match(id, /^[0-9a-f]{25}$/);
  assert.equal(engine.call(['secret', 'create', '--env', 'token', 'TOKEN'], { env: { TOKEN: 't' } }).code, 0);
  assert.equal(engine.ok('secret', 'ls', '--format', '{{.Name}} {{.Driver}}'), 'db file\ntoken file');
  assert.match(engine.ok('secret', 'ls'), /^ID +NAME +DRIVER +CREATED +UPDATED\n/);
  const [shown] = JSON.parse(engine.ok('secret', 'inspect', id.slice(0, 8))) as readonly [object];
  assert.deepEqual((shown as { Spec: object }).Spec, {
    Name: 'db',
    Driver: { Name: 'file', Options: {} },
    Labels: { a: 'b' },
  });
  assert.doesNotMatch(JSON.stringify(shown), /hunter2/);
  assert.equal(engine.call(['secret', 'exists', 'db']).code, 0);
  assert.equal(engine.call(['secret', 'exists', 'none']).code, 1);
  const path = join(engine.store, 'secrets/db');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(statSync(join(path, '..')).mode & 0o777, 0o700);
  assert.match(engine.call(['secret', 'create', 'db', file]).stderr, /There is a secret "db" already/);
  assert.notEqual(engine.ok('secret', 'create', '--replace', 'db', file), id);
  assert.equal(engine.ok('secret', 'rm', 'db', 'token'), 'db\ntoken');
  assert.equal(engine.call(['secret', 'rm', 'db']).code, 1);
  assert.equal(
    engine.ok('events', '--stream=false', '--filter', 'type=secret', '--format', '{{.Action}}').split('\n')
      .length,
    5,
  );
});

test('names and sizes that won’t do are refused, and a damaged secret is named and can be removed', () => {
  using engine = engineWith('fine');
  for (const [name, input] of [
    ['../x', 'v'],
    ['.hidden', 'v'],
    ['', 'v'],
    ['empty', ''],
    ['big', 'x'.repeat(512_001)],
  ] as const) {
    const { code, stderr } = engine.call(['secret', 'create', name, '-'], { input });
    assert.equal(code, 1, stderr);
  }
  writeFileSync(join(engine.store, 'secrets/fine'), '{"version":1');
  assert.match(engine.call(['secret', 'inspect', 'fine']).stderr, /The secret fine is damaged/);
  assert.equal(engine.ok('secret', 'rm', 'fine'), 'fine');
});

test('--secret is a file in memory that can’t be written, with the owner and mode that are asked for', () => {
  using engine = engineWith('db');
  const said = engine.script(
    'cat /run/secrets/db; stat -c "%a %u %g" /run/secrets/db /key; echo x >/key; grep /key /proc/mounts',
    '--secret',
    'db',
    '--secret',
    'source=db,target=/key,uid=5,gid=6,mode=0400',
  );
  assert.match(said.text, /^hunter2-ß\n444 0 0\n400 5 6\n\w+ \/key tmpfs ro,nosuid,nodev,noexec/);
  assert.match(said.stderr, /Read-only file system/);
  for (const runtime of ['crun', 'runc']) {
    assert.equal(
      engine.script('cat /run/secrets/x', '--runtime', runtime, '--secret', 'db,target=x').text,
      VALUE,
    );
  }
});

test('--secret type=env is a variable of the program', () => {
  using engine = engineWith('db', 'word');
  assert.equal(
    engine.script('echo $db $OTHER', '--secret', 'db,type=env', '--secret', 'db,type=env,target=OTHER').text,
    'word word\n',
  );
});

test('a secret is in no inspect, commit, export, diff or record of the container', () => {
  using engine = engineWith('db');
  mkdirSync(join(engine.folder, 'base'));
  makeBusybox(join(engine.folder, 'base'));
  const base = execFileSync('tar', ['-C', join(engine.folder, 'base'), '-cf', '-', '.'], {
    maxBuffer: 1 << 26,
  });
  assert.equal(engine.call(['import', '-c', 'ENV PATH=/bin', '-', 'base'], { input: base }).code, 0);
  engine.note(
    engine.ok(
      'run',
      '-d',
      '--name',
      'c',
      '--secret',
      'db',
      '--secret',
      'db,type=env,target=V',
      'base',
      'sleep',
      '1000',
    ),
  );
  assert.doesNotMatch(engine.ok('inspect', 'c'), /hunter2/);
  engine.ok('commit', 'c', 'made');
  assert.doesNotMatch(engine.ok('inspect', 'made'), /hunter2/);
  const tar = join(engine.folder, 'c.tar');
  engine.ok('export', '-o', tar, 'c');
  assert.ok(!readFileSync(tar).includes('hunter2'));
  assert.equal(engine.script('cat /run/secrets/db').text, '');
  // Neither has the store a second copy of it.
  const found = execFileSync('grep', ['-rl', 'hunter2', engine.store], { encoding: 'utf8' });
  assert.equal(found.trim(), join(engine.store, 'secrets/db'));
});

test('each start reads the secret anew, and one that is gone is told', () => {
  using engine = engineWith('db', 'one');
  engine.note(engine.ok('create', '--name', 'c', '--secret', 'db', 'busybox', 'cat', '/run/secrets/db'));
  assert.equal(engine.ok('start', '-a', 'c'), 'one');
  engine.call(['secret', 'create', '--replace', 'db', '-'], { input: 'two' });
  assert.equal(engine.ok('start', '-a', 'c'), 'two');
  engine.ok('secret', 'rm', 'db');
  assert.match(engine.call(['start', '-a', 'c']).stderr, /The secret db of this container is there no more/);
  const { code, stderr } = engine.call(['run', '--name', 'd', '--secret', 'db', 'busybox', 'true']);
  assert.equal(code, 125);
  assert.match(stderr, /There is no secret "db"/);
  assert.doesNotMatch(engine.ok('ps', '-a', '--format', '{{.Names}}'), /d/);
});

test('what --secret can’t take is refused by name', () => {
  using engine = engineWith('db', Buffer.from([65, 0, 66]));
  const refused: readonly (readonly [string, RegExp])[] = [
    ['db,colour=red', /knows no "colour"/],
    ['db,type=disk', /type=mount or type=env/],
    ['db,target=../x', /without "\.\."/],
    ['db,mode=9', /octal number/],
    ['db,type=env,mode=0400', /for a file alone/],
    ['db,type=env', /a zero byte/],
    ['type=env', /name of a secret first/],
  ];
  for (const [value, word] of refused) {
    const { code, stderr } = engine.call(['run', '--rm', '--secret', value, 'busybox', 'true']);
    assert.equal(code, 125);
    assert.match(stderr, word);
  }
});
