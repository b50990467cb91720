// commit, diff and export: what a container changed, as an image, as lines, and with all else as an archive.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CORTEN, Engine, until } from './engine/engine.ts';
import { makeBusybox } from './engine/images.ts';

/** An engine with the image `base`, whose layer is of corten's own making. */
function withBase(...changes: readonly string[]): Engine {
  const engine = new Engine();
  const folder = join(engine.folder, 'base');
  mkdirSync(folder);
  makeBusybox(folder);
  const tar = execFileSync('tar', ['-C', folder, '-cf', '-', '.'], { maxBuffer: 1 << 26 });
  const flags = ['ENV PATH=/bin', ...changes].flatMap((change) => ['-c', change]);
  const { code, stderr } = engine.call(['import', ...flags, '-', 'base'], { input: tar });
  assert.equal(code, 0, stderr);
  return engine;
}

const CHANGE =
  'echo new >/added; echo more >>/etc/passwd; rm /etc/group; mkdir -p /deep/er; ln -s /added /link; rm -r /home';

test('diff tells what was added, changed and deleted', () => {
  using engine = withBase();
  engine.ok('run', '--name', 'c', 'base', 'sh', '-c', CHANGE);
  assert.deepEqual(engine.ok('diff', 'c').split('\n').toSorted(), [
    'A /added',
    'A /deep',
    'A /deep/er',
    'A /link',
    'C /etc',
    'C /etc/passwd',
    'D /etc/group',
    'D /home',
  ]);
  const lists = JSON.parse(engine.ok('diff', '--format', 'json', 'c')) as Record<string, readonly string[]>;
  assert.deepEqual(lists['deleted']?.toSorted(), ['/etc/group', '/home']);
  engine.ok('run', '--name', 'same', 'base', 'true');
  assert.equal(engine.ok('diff', 'same'), '');
  engine.ok('run', '--name', 'odd', 'base', 'sh', '-c', 'touch "/a\nD b"');
  assert.equal(engine.ok('diff', 'odd'), 'A /a\\x0aD b');
});

test('commit makes an image of what a container changed, which runs as the container did', () => {
  using engine = withBase('ENV FROM_IMAGE=yes', 'USER root', 'LABEL base=1');
  const script = `${CHANGE}; chown 1000:1001 /added; chmod 600 /added`;
  engine.ok('run', '--name', 'c', '-e', 'OWN=1', '-l', 'own=2', '-w', '/deep', 'base', 'sh', '-c', script);
  const id = engine.ok(
    'commit',
    '-a',
    'A. Uthor',
    '-m',
    'the message',
    '-c',
    'CMD ["cat","/added"]',
    '-c',
    'ENV LATER=x',
    'c',
    'made:1',
  );
  assert.match(id, /^sha256:[0-9a-f]{64}$/);
  assert.equal(engine.ok('run', '--rm', 'made:1'), 'new');
  const inside =
    'echo $OWN $FROM_IMAGE $LATER; pwd; stat -c "%u %g %a" /added; readlink /link; ls -d /home /etc/group 2>&1 | wc -l; tail -n 1 /etc/passwd';
  assert.equal(
    engine.ok('run', '--rm', '--entrypoint', '', 'made:1', 'sh', '-c', inside),
    '1 yes x\n/deep\n1000 1001 600\n/added\n2\nmore',
  );
  const labels = engine.ok('image', 'inspect', '-f', '{{json .Config.Labels}}', 'made:1');
  assert.deepEqual(JSON.parse(labels), { base: '1', own: '2' });
  assert.match(
    engine.ok('history', '--no-trunc', 'made:1'),
    /CMD \["cat","\/added"\]; ENV LATER=x .* the message$/m,
  );
  assert.equal(engine.ok('images', '--format', '{{.Repository}}:{{.Tag}}', 'made'), 'made:1');
  // A second layer on top, of an image that was committed itself.
  engine.ok('run', '--name', 'd', 'made:1', 'sh', '-c', 'rm /added; echo two >/second');
  engine.ok('commit', 'd', 'made:2');
  assert.equal(
    engine.ok('run', '--rm', 'made:2', 'sh', '-c', 'cat /second; ls /added 2>&1 | wc -l'),
    'two\n1',
  );
  engine.ok('rm', 'c', 'd');
  engine.ok('rmi', 'made:1');
  assert.equal(engine.ok('run', '--rm', 'made:2', 'cat', '/second'), 'two');
});

test('commit pauses a running container meanwhile, and takes it as it is', async () => {
  using engine = withBase();
  engine.ok('run', '-d', '--name', 'r', 'base', 'sh', '-c', 'echo up >/up; exec sleep 1000');
  await until('the file', () => engine.ok('diff', 'r').includes('/up'));
  const dangling = engine.ok('commit', 'r');
  assert.equal(engine.ok('ps', '--format', '{{.State}}'), 'running');
  assert.equal(engine.ok('run', '--rm', dangling, 'cat', '/up'), 'up');
  engine.ok('commit', '--pause=false', 'r', 'unpaused');
  engine.ok('pause', 'r');
  engine.ok('commit', 'r', 'while-paused');
  assert.equal(engine.ok('ps', '--format', '{{.State}}'), 'paused');
  for (const args of [['r', 'UPPER'], ['-c', 'NONSENSE x', 'r'], ['r', 'a', 'b'], ['absent']]) {
    assert.notEqual(engine.call(['commit', ...args]).code, 0, args.join(' '));
  }
  const rootfs = join(engine.folder, 'rootfs');
  mkdirSync(rootfs);
  execFileSync('cp', ['-a', '/bin/busybox', rootfs]);
  engine.ok('run', '--name', 'dir', '--rootfs', rootfs, '/busybox', 'true');
  assert.match(engine.call(['commit', 'dir']).stderr, /was made of a directory/);
  assert.match(engine.call(['diff', 'dir']).stderr, /directory/);
});

test('export writes all files, whatever is mounted, to a pipe or a file that is whole', async () => {
  using engine = withBase();
  engine.ok('run', '-d', '--name', 'e', 'base', 'sh', '-c', 'echo x >/mine; exec sleep 1000');
  await until('the file', () => engine.ok('diff', 'e').includes('/mine'));
  const archive = engine.call(['export', 'e']).stdout;
  const list = execFileSync('tar', ['-tf', '-'], { input: archive, encoding: 'utf8' }).split('\n');
  for (const path of ['mine', 'bin/busybox', 'etc/passwd']) assert.ok(list.includes(path), path);
  assert.ok(!list.some((path) => path.startsWith('proc/') && path !== 'proc/'));
  const file = join(engine.folder, 'out.tar');
  writeFileSync(file, 'before');
  assert.notEqual(engine.call(['export', '-o', file, 'absent']).code, 0);
  assert.equal(readFileSync(file, 'utf8'), 'before');
  engine.ok('export', '-o', file, 'e');
  assert.ok(readFileSync(file).equals(archive));
  assert.equal(spawnSync(CORTEN, ['export', '-o', '/dev/null', 'e'], { env: engine.env }).status, 0);
  const id = engine.ok('import', file, 'again');
  assert.equal(engine.ok('run', '--rm', id, 'cat', '/mine'), 'x');
});
