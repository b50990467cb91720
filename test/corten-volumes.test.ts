import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Engine, outcomeOf } from './engine/engine.ts';
import { ImageMaker, makeBusybox } from './engine/images.ts';

function names(engine: Engine, ...flags: readonly string[]): readonly string[] {
  return engine
    .ok('volume', 'ls', '-q', ...flags)
    .split('\n')
    .filter((name) => name !== '');
}

function dataOf(engine: Engine, name: string): string {
  return join(engine.store, 'volumes', name, '_data');
}

/** An image whose /data is a volume with something in it. */
function addImageWithVolume(engine: Engine): void {
  const folder = join(engine.folder, 'image');
  makeBusybox(folder);
  mkdirSync(join(folder, 'data/deep'), { recursive: true });
  writeFileSync(join(folder, 'data/deep/file'), 'of the image');
  symlinkSync('/etc/passwd', join(folder, 'data/link'));
  chmodSync(join(folder, 'data'), 0o1770);
  chownSync(join(folder, 'data'), 1000, 1001);
  new ImageMaker(engine.store).add(
    'withvolume',
    { Env: ['PATH=/bin'], Cmd: ['sh'], Volumes: { '/data': {}, 'work/': {} } },
    [folder],
  );
}

test('volume create, ls, inspect, rm and prune', () => {
  using engine = new Engine();
  assert.equal(engine.ok('volume', 'create', '--label', 'a=1', 'one'), 'one');
  assert.equal(engine.ok('volume', 'create', 'one'), 'one');
  const random = engine.ok('volume', 'create');
  assert.match(random, /^[0-9a-f]{64}$/);
  assert.deepEqual(names(engine), [random, 'one'].toSorted());
  assert.deepEqual(names(engine, '--filter', 'label=a=1'), ['one']);
  assert.deepEqual(names(engine, '--filter', 'name=on', '--filter', 'dangling=true'), ['one']);
  const [found] = JSON.parse(engine.ok('volume', 'inspect', 'one')) as Record<string, unknown>[];
  assert.deepEqual(
    [found?.['Name'], found?.['Driver'], found?.['Mountpoint'], found?.['Labels'], found?.['Scope']],
    ['one', 'local', dataOf(engine, 'one'), { a: '1' }, 'local'],
  );
  assert.equal(engine.ok('volume', 'prune', '-f'), `Deleted: ${random}`);
  assert.deepEqual(names(engine), ['one']);
  assert.equal(engine.ok('volume', 'prune', '-a', '-f'), 'Deleted: one');
  const missing = engine.call(['volume', 'rm', 'one']);
  assert.deepEqual(
    [missing.code, missing.stderr],
    [1, 'corten: There is no volume "one": corten volume ls lists them\n'],
  );
  assert.equal(engine.call(['volume', 'rm', '-f', 'one']).code, 0);
  assert.equal(engine.call(['volume', 'create', '../out']).code, 125);
  engine.ok('volume', 'create', '--label=a=1', 'two');
  assert.match(
    engine.call(['volume', 'create', '--label=a=2', 'two']).stderr,
    /is there already, with other labels/,
  );
});

test('a named volume is made at first use, outlives its containers, and is shared', () => {
  using engine = new Engine();
  assert.equal(engine.script('echo kept >/v/x', '-v', 'named:/v').code, 0);
  assert.equal(engine.script('cat /w/x', '-v', 'named:/w:ro').text, 'kept\n');
  assert.match(engine.script('echo >/w/x', '-v', 'named:/w:ro').stderr, /Read-only/);
  engine.ok('create', '--name', 'user', '-v', 'named:/v', 'busybox');
  const used = engine.call(['volume', 'rm', 'named']);
  assert.match(
    used.stderr,
    /^corten: The volume named is in use by the container [0-9a-f]{12}: remove that one first\n$/,
  );
  assert.equal(engine.ok('volume', 'prune', '-af'), '');
  engine.ok('rm', '-v', 'user');
  assert.equal(readFileSync(join(dataOf(engine, 'named'), 'x'), 'utf8'), 'kept\n');
  engine.ok('volume', 'rm', 'named');
  assert.deepEqual(readdirSync(join(engine.store, 'volumes')), []);
});

test('an anonymous volume goes with --rm and rm -v, and stays with rm', () => {
  using engine = new Engine();
  assert.equal(engine.script('echo x >/v/y', '-v', '/v').code, 0);
  assert.deepEqual(names(engine), []);
  for (const [flags, left] of [
    [['-v'], 0],
    [['-f', '-v'], 0],
    [[], 1],
  ] as const) {
    engine.ok(
      'create',
      '--name',
      'a',
      '-v',
      '/v',
      '--mount',
      'type=volume,dst=/w',
      '-v',
      'named:/n',
      'busybox',
    );
    assert.equal(names(engine).length, 3);
    engine.ok('rm', ...flags, 'a');
    assert.equal(names(engine).length, 1 + 2 * left);
  }
  assert.equal(engine.call(['run', '-v', '/v', 'busybox', 'nosuch']).code, 127);
  assert.equal(names(engine).length, 3);
});

test("an anonymous volume that another container has too outlives its own, and goes by its user's -v never", () => {
  using engine = new Engine();
  engine.ok('create', '--name', 'own', '-v', '/v', 'busybox');
  engine.ok('create', '--name', 'guest', '--volumes-from', 'own', 'busybox');
  engine.ok('rm', '-v', 'own');
  assert.equal(names(engine).length, 1);
  engine.ok('rm', '-v', 'guest');
  assert.equal(names(engine).length, 1);
  engine.ok('volume', 'prune', '-f');
  assert.deepEqual(names(engine), []);
});

test("an image's volumes begin with what the image has there, owners and permissions included", () => {
  using engine = new Engine();
  addImageWithVolume(engine);
  const run = (script: string, ...flags: readonly string[]): string =>
    engine.call(['run', '--rm', ...flags, 'withvolume', 'sh', '-c', script]).text;
  assert.equal(
    run('cat /data/deep/file; stat -c " %a %u:%g" /data; readlink /data/link'),
    'of the image 1770 1000:1001\n/etc/passwd\n',
  );
  assert.match(run('grep -c " /data \\| /work " /proc/mounts'), /^2$/m);
  assert.deepEqual(names(engine), []);
  assert.equal(run('ls /data', '-v', 'own:/data'), 'deep\nlink\n');
  assert.deepEqual(
    [statSync(dataOf(engine, 'own')).uid, statSync(dataOf(engine, 'own')).mode & 0o7777],
    [1000, 0o1770],
  );
  assert.equal(run('ls /data', '-v', 'empty:/data:nocopy'), '');
  assert.equal(run('ls /data', '--mount', 'type=volume,src=other,dst=/data,volume-nocopy'), '');
  assert.equal(run('rm -r /data/deep; ls /data', '-v', 'own:/data'), 'link\n');
  assert.equal(run('ls /data', '-v', 'own:/data'), 'link\n');
  assert.equal(run('ls /data', '-v', `${engine.folder}:/data`).includes('store'), true);
});

test('a volume can not be used to reach what a link of the image names', () => {
  using engine = new Engine();
  const folder = join(engine.folder, 'image');
  makeBusybox(folder);
  symlinkSync('/etc', join(folder, 'outside'));
  new ImageMaker(engine.store).add('linked', { Env: ['PATH=/bin'], Volumes: { '/outside': {} } }, [folder]);
  // The link leads to the container's own /etc, never to the host's.
  const { text } = engine.call(['run', '--rm', 'linked', 'sh', '-c', 'ls /outside/']);
  assert.equal(text, 'group\nhostname\nhosts\npasswd\nresolv.conf\n');
  new ImageMaker(engine.store).add('bad', { Volumes: { '/../x': {} } }, [folder]);
  assert.match(engine.call(['run', 'bad', 'true']).stderr, /which is no place for one/);
});

test('ten containers that begin with one volume at once find it whole, and it is filled once', async () => {
  using engine = new Engine();
  addImageWithVolume(engine);
  const children = Array.from({ length: 10 }, () =>
    engine.start([
      'run',
      '--rm',
      '-v',
      'shared:/data',
      'withvolume',
      'sh',
      '-c',
      'cat /data/deep/file; echo x >>/data/count',
    ]),
  );
  const outcomes = await Promise.all(children.map(outcomeOf));
  assert.deepEqual(
    outcomes.map(({ code, text, stderr }) => [code, text, stderr]),
    outcomes.map(() => [0, 'of the image', '']),
  );
  assert.equal(readFileSync(join(dataOf(engine, 'shared'), 'count'), 'utf8'), 'x\n'.repeat(10));
  assert.deepEqual(readdirSync(join(engine.store, 'volumes/shared')).toSorted(), [
    '_data',
    'users',
    'volume.json',
  ]);
});

test('what a killed command leaves of volumes is mended: users that are gone do not count', () => {
  using engine = new Engine();
  engine.ok('volume', 'create', 'v');
  writeFileSync(join(engine.store, 'volumes/v/users', 'f'.repeat(64)), '');
  engine.ok('volume', 'rm', 'v');
  mkdirSync(join(engine.store, 'volumes/.gone-w/_data'), { recursive: true });
  engine.ok('volume', 'prune', '-f');
  assert.equal(existsSync(join(engine.store, 'volumes/.gone-w')), false);
  mkdirSync(join(engine.store, 'volumes/.new-w/_data'), { recursive: true });
  engine.ok('volume', 'prune', '-f');
  assert.equal(existsSync(join(engine.store, 'volumes/.new-w')), false);
  engine.ok('volume', 'create', 'damaged');
  writeFileSync(join(engine.store, 'volumes/damaged/volume.json'), '{');
  assert.match(engine.call(['volume', 'inspect', 'damaged']).stderr, /has no readable volume\.json/);
  engine.ok('volume', 'rm', 'damaged');
});

test('system prune takes networks that nobody is in, and with --volumes anonymous volumes', () => {
  using engine = new Engine();
  engine.ok('network', 'create', 'empty');
  const [anonymous] = [engine.ok('volume', 'create'), engine.ok('volume', 'create', 'named')];
  assert.match(engine.ok('system', 'prune', '-f'), /^Deleted Networks:\nempty\n\n/);
  assert.deepEqual(names(engine).toSorted(), [anonymous, 'named'].toSorted());
  assert.match(
    engine.ok('system', 'prune', '-f', '--volumes'),
    new RegExp(`^Deleted Volumes:\n${anonymous}\n\n`),
  );
  assert.deepEqual(names(engine), ['named']);
});
