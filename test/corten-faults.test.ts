// What users, images and damaged files do to the engine: one sentence, and nothing left.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { CORTEN, Engine, until } from './engine/engine.ts';
import { addBusybox } from './engine/images.ts';

/** A command whose parent has a umask of its own. */
function underUmask(engine: Engine, mask: string, args: readonly string[]): string {
  const script = `umask ${mask}; exec "$@"`;
  const { stdout } = spawnSync('sh', ['-c', script, 'sh', CORTEN, ...args], { env: engine.env });
  return String(stdout);
}

test("what the container sees does not depend on the caller's umask", () => {
  using engine = new Engine();
  const look = 'umask; cat /etc/hostname; stat -c "%a %n" / /etc /proc /dev';
  const args = ['run', '--rm', '--hostname', 'here', '-u', 'jane', 'busybox', 'sh', '-c', look];
  const expected = '0022\nhere\n755 /\n755 /etc\n555 /proc\n755 /dev\n';
  assert.equal(underUmask(engine, '077', args), expected);
  assert.equal(underUmask(engine, '000', args), expected);
});

test('a volume further down stays visible, whatever the order, and none takes the place of another', () => {
  using engine = new Engine();
  const [outer, inner] = ['outer', 'inner'].map((name) => join(engine.folder, name)) as [string, string];
  mkdirSync(join(outer, 'b'), { recursive: true });
  mkdirSync(inner);
  writeFileSync(join(inner, 'file'), 'inner');
  const outcome = engine.script('cat /a/b/file', '-v', `${inner}:/a/b`, '-v', `${outer}:/a`);
  assert.deepEqual([outcome.text, outcome.stderr], ['inner', '']);
  const twice = engine.script('true', '-v', `${inner}:/a`, '-v', `${outer}:/a/`);
  assert.deepEqual(
    [twice.code, twice.stderr],
    [125, 'corten: Two volumes want the place /a in the container\n'],
  );
  assert.match(
    engine.script('true', '-v', `${inner}:/proc/x`).stderr,
    /^corten: The volume .* below \/proc\n$/,
  );
});

test('-h is the host name of run, and help of every other command', () => {
  using engine = new Engine();
  assert.equal(engine.ok('run', '--rm', '-h', 'here', 'busybox', 'hostname'), 'here');
  assert.match(engine.ok('run', '--help'), /^ {2}-h, --hostname NAME [^]*^ {6}--help /m);
  assert.match(engine.ok('ps', '-h'), /^ {2}-h, --help /m);
  assert.match(
    engine.call(['run', '-h']).stderr,
    /^corten: The flag -h needs a value: --help lists the flags\n$/,
  );
});

test('help of a command is shown whatever stands behind it, and version takes nothing', () => {
  using engine = new Engine();
  assert.match(engine.ok('help', 'run', 'busybox'), /^corten run /);
  assert.match(engine.ok('help', 'image', 'ls'), /^corten images /);
  assert.match(engine.ok('help', 'image'), /^corten image COMMAND/);
  assert.match(engine.ok('help'), /^ {2}image +.*\brm\b/m);
  const { code, stderr } = engine.call(['version', 'x']);
  assert.deepEqual([code, stderr], [125, 'corten: version takes no argument "x"\n']);
});

test('an empty --user is none, so that the image says who', () => {
  using engine = new Engine({ User: 'jane' });
  assert.equal(engine.ok('run', '--rm', '-u', '', 'busybox', 'id', '-un'), 'jane');
});

test('an image with a NUL in its words is refused by the field', () => {
  using engine = new Engine({ Cmd: ['echo', 'a\0b'] });
  const { code, stderr } = engine.call(['run', '--rm', 'busybox']);
  const text = 'corten: Field config.Cmd[1] of the image configuration has a NUL character\n';
  assert.deepEqual([code, stderr], [125, text]);
  assert.deepEqual(engine.traces(), []);
});

test('a message shows what an image says on one line, without speaking to the terminal', () => {
  using engine = new Engine({ User: '\x1b[31m\ncorten: all is well\x9b' });
  const { stderr } = engine.call(['run', '--rm', 'busybox']);
  assert.equal(
    stderr,
    'corten: There is no user "\\u001b[31m\\u000acorten" in the container\'s /etc/passwd\n',
  );
  addBusybox(engine.store, { User: 'x'.repeat(100_000) }, 'long');
  assert.ok(engine.call(['run', '--rm', 'long']).stderr.length < 3000);
});

test('a layer that is cut short or overwritten is named, and leaves no container', () => {
  using engine = new Engine();
  const folder = join(engine.store, 'layers');
  const file = join(folder, readdirSync(folder)[0] ?? '');
  const { size } = statSync(file);
  for (const length of [size - 4096, 4096, 0]) {
    truncateSync(file, length);
    const { code, stderr } = engine.call(['run', '--rm', 'busybox', 'true']);
    assert.match(stderr, /^corten: The layer .*\.erofs is damaged or cut short: .*\n$/);
    assert.equal(code, 125);
  }
  writeFileSync(file, Buffer.alloc(size, 1));
  assert.match(engine.call(['run', '--rm', 'busybox', 'true']).stderr, /is damaged or cut short/);
  rmSync(file);
  assert.match(engine.call(['run', '--rm', 'busybox', 'true']).stderr, /is gone: load its image again/);
  assert.deepEqual(engine.traces(), []);
});

test('a container whose file is damaged can still be stopped and removed', () => {
  using engine = new Engine();
  const id = engine.note(engine.ok('run', '-d', '--name', 'd', 'busybox', 'sleep', '1000'));
  writeFileSync(join(engine.store, 'containers', id, 'config.json'), '{');
  assert.match(engine.call(['inspect', 'd']).stderr, /never created whole/);
  assert.equal(engine.ok('stop', '-t', '0', 'd'), 'd');
  assert.equal(engine.ok('rm', 'd'), 'd');
  assert.deepEqual(engine.traces(), []);
});

test('a container whose runtime state is gone can still be stopped, and another removed by force', () => {
  using engine = new Engine();
  for (const name of ['a', 'b'])
    engine.note(engine.ok('run', '-d', '--name', name, 'busybox', 'sleep', '1000'));
  rmSync(join(engine.run, 'runt'), { recursive: true });
  assert.equal(engine.ok('stop', '-t', '0', 'a'), 'a');
  assert.equal(engine.ok('rm', '-f', 'a', 'b'), 'a\nb');
  assert.equal(engine.ok('ps', '-aq'), '');
});

test('stop -t -1 waits as long as it takes', async () => {
  using engine = new Engine();
  const script = 'trap "sleep 0.3; exit 6" TERM; echo ready; while :; do sleep 0.05; done';
  engine.ok('run', '-d', '--name', 's', 'busybox', 'sh', '-c', script);
  await until('the trap', () => engine.ok('logs', 's') === 'ready');
  engine.ok('stop', '-t', '-1', 's');
  assert.equal(engine.ok('wait', 's'), '6');
});

test('logs gives each stream its own lines', async () => {
  using engine = new Engine();
  const script = 'printf one; sleep 0.05; echo two >&2; sleep 0.05; echo three';
  engine.call(['run', '--name', 'l', 'busybox', 'sh', '-c', script]);
  const stamped = engine.call(['logs', '-t', 'l']);
  assert.match(stamped.text, /^\d{4}-\S+Z onethree\n$/);
  assert.match(stamped.stderr, /^\d{4}-\S+Z two\n$/);
  const last = engine.call(['logs', '-n', '1', 'l']);
  assert.deepEqual([last.text, last.stderr], ['onethree\n', '']);
});

test('a store that is not ours to read is no empty one', () => {
  using engine = new Engine();
  // The checkout may lie where nobody else may go.
  const folder = mkdtempSync(join(tmpdir(), 'corten-public-'));
  chmodSync(folder, 0o755);
  copyFileSync(CORTEN, join(folder, 'corten'));
  const asNobody = (...args: readonly string[]): string => {
    const caller = { env: engine.env, uid: 65534, gid: 65534, cwd: '/' };
    const { stdout, stderr, error } = spawnSync(join(folder, 'corten'), args, caller);
    assert.equal(error, undefined);
    assert.equal(String(stdout), '');
    return String(stderr);
  };
  assert.match(asNobody('ps'), /^corten: The store \S+ is not yours to read: .* root/);
  assert.match(asNobody('images'), /^corten: The database \S+ cannot be used/);
  assert.match(asNobody('run', 'busybox'), /^corten: The directory \S+ is not yours: .* root/);
  rmSync(folder, { recursive: true });
});

test('load says what a directory lacks that it is given, and print a full disk', () => {
  using engine = new Engine();
  const folder = mkdtempSync(join(tmpdir(), 'corten-none-'));
  const { code, stderr } = engine.call(['load', '-i', folder]);
  rmSync(folder, { recursive: true });
  assert.equal(code, 1);
  assert.match(stderr, /^corten: The archive holds no image: neither manifest\.json .+\n$/);
  const { stderr: full } = spawnSync('sh', ['-c', `${CORTEN} ps >/dev/full`], { env: engine.env });
  assert.match(String(full), /^corten: write to standard output: ENOSPC\n$/);
});

test('an image whose date is none has an age of none', () => {
  using engine = new Engine();
  const database = new DatabaseSync(join(engine.store, 'images.db'));
  database.exec("UPDATE images SET created = 'no date'");
  database.close();
  assert.match(engine.ok('images'), /^busybox +latest +[0-9a-f]{12} +N\/A +/m);
});
