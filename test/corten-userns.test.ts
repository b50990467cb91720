// --userns and its like: containers whose users are other ones on the host.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CORTEN, Engine } from './engine/engine.ts';
import { makeBusybox } from './engine/images.ts';

const FIRST = 1_000_000;

/** An engine on a machine whose /etc/subuid and /etc/subgid give ids to the names `containers` and `some`. */
class MappedEngine extends Engine {
  constructor(count = 200_000) {
    super();
    const base = join(this.folder, 'base');
    for (const folder of ['etc', 'base', 'base/seed']) mkdirSync(join(this.folder, folder));
    makeBusybox(base);
    writeFileSync(join(base, 'seed/file'), 'x');
    for (const path of ['seed', 'seed/file']) chownSync(join(base, path), 7, 8);
    for (const name of ['subuid', 'subgid']) {
      const lines = `containers:${FIRST}:${count}\nsome:3000000:1000\nsome:4000000:70000\n`;
      writeFileSync(join(this.folder, 'etc', name), lines);
    }
  }

  protected override commandOf(args: readonly string[]): readonly [string, ...string[]] {
    const script = `mount -t overlay -o lowerdir=${this.folder}/etc:/etc overlay /etc && exec "$@"`;
    return ['unshare', '-m', '--propagation', 'private', 'sh', '-c', script, 'sh', CORTEN, ...args];
  }

  /** The image `base`, whose layer is of corten's own making. */
  addBase(): void {
    const input = execFileSync('tar', ['-C', join(this.folder, 'base'), '-cf', '-', '.'], {
      maxBuffer: 1 << 26,
    });
    const { code, stderr } = this.call(['import', '-c', 'ENV PATH=/bin', '-', 'base'], { input });
    assert.equal(code, 0, stderr);
  }

  pidOf(name: string): number {
    return Number(this.ok('inspect', '--format', '{{.State.Pid}}', name));
  }

  /** The owners that an archive names, by path. */
  owners(...args: readonly string[]): ReadonlyMap<string, string> {
    const { stdout } = this.call(args);
    const lines = execFileSync('tar', ['-tvf', '-', '--numeric-owner'], { input: stdout, encoding: 'utf8' });
    return new Map(
      lines
        .split('\n')
        .map((line) => /^\S+ (\S+) +\S+ \S+ \S+ (.*)$/.exec(line))
        .map((found) => [found?.[2] ?? '', found?.[1] ?? '']),
    );
  }
}

const sleeping = ['busybox', 'sleep', '1000'] as const;

test('--userns=auto gives every container ids that no other has, which are root’s inside alone', () => {
  using engine = new MappedEngine();
  engine.note(engine.ok('run', '-d', '--name', 'a', '--userns', 'auto:size=1000', ...sleeping));
  engine.note(engine.ok('run', '-d', '--name', 'b', '--userns=auto', ...sleeping));
  assert.match(engine.ok('exec', 'a', 'cat', '/proc/self/uid_map'), /^ +0 +1000000 +1000$/);
  assert.match(engine.ok('exec', 'b', 'cat', '/proc/self/gid_map'), /^ +0 +1001000 +65536$/);
  const status = readFileSync(`/proc/${engine.pidOf('b')}/status`, 'utf8');
  assert.match(status, /^Uid:\s+1001000\s+1001000/m);
  assert.equal(engine.ok('exec', 'b', 'id', '-u'), '0');
  assert.equal(engine.ok('inspect', '--format', '{{.HostConfig.UsernsMode}}', 'a'), 'auto:size=1000');
  engine.ok('rm', '-f', 'a');
  assert.match(engine.script('cat /proc/self/uid_map', '--userns', 'auto:size=1000').text, / 1000000 /);
});

test('files of a container with ids of its own have those of its image, in it and in all that is made of it', () => {
  using engine = new MappedEngine();
  engine.addBase();
  engine.note(engine.ok('run', '-d', '--name', 'c', '--userns', 'auto', 'base', 'sleep', '1000'));
  const made =
    'touch /mine /other; chown 5:6 /other; ln -s x /link; stat -c %u:%g / /bin/busybox /mine /other';
  assert.equal(engine.ok('exec', 'c', 'sh', '-c', made), '0:0\n0:0\n0:0\n5:6');
  assert.equal(engine.ok('exec', '--user', '5', 'c', 'sh', '-c', 'echo x >> /other; cat /other'), 'x');
  assert.equal(
    engine.ok('exec', 'c', 'sh', '-c', 'echo 1.2.3.4 x >> /etc/hosts && rm -r /bin/wc && echo ok'),
    'ok',
  );
  assert.match(engine.ok('diff', 'c'), /^A \/other$/m);
  const exported = engine.owners('export', 'c');
  assert.deepEqual([exported.get('other'), exported.get('mine')], ['5/6', '0/0']);
  assert.equal(engine.owners('cp', 'c:/other', '-').get('other'), '5/6');
  const file = join(engine.folder, 'file');
  writeFileSync(file, 'x');
  chownSync(file, 7, 8);
  const sent = (): string => {
    engine.ok('cp', file, 'c:/sent');
    engine.ok('cp', '-a', file, 'c:/whole');
    return engine.ok('exec', 'c', 'stat', '-c', '%u:%g', '/sent', '/whole');
  };
  assert.equal(sent(), '0:0\n7:8');
  engine.ok('cp', '-a', 'c:/other', join(engine.folder, 'back'));
  assert.deepEqual(ownerOf(join(engine.folder, 'back')), [5, 6]);
  engine.ok('stop', '-t', '0', 'c');
  engine.ok('cp', '-a', file, 'c:/stopped');
  assert.equal(engine.owners('export', 'c').get('other'), '5/6');
  engine.ok('start', 'c');
  assert.equal(engine.ok('exec', 'c', 'stat', '-c', '%u:%g', '/stopped', '/other'), '7:8\n5:6');
  engine.ok('commit', 'c', 'committed');
  const after = ['run', '--rm', 'committed', 'stat', '-c', '%u:%g', '/other', '/mine'];
  assert.equal(engine.ok(...after), '5:6\n0:0');
});

function ownerOf(path: string): readonly number[] {
  const { uid, gid } = statSync(path);
  return [uid, gid];
}

test('volumes have a container’s own ids, binds the host’s unless idmap or U is given', () => {
  using engine = new MappedEngine();
  const bind = join(engine.folder, 'bind');
  mkdirSync(bind);
  writeFileSync(join(bind, 'file'), 'x');
  const flags = [
    '--userns',
    'auto',
    '-v',
    'data:/data',
    '-v',
    `${bind}:/plain`,
    '-v',
    `${bind}:/mapped:idmap`,
  ];
  const script =
    'touch /data/new /mapped/made; chown 3:4 /data/new; stat -c %u:%g /data/new /plain/file /mapped/file';
  assert.equal(engine.script(script, ...flags).text, '3:4\n65534:65534\n0:0\n');
  assert.deepEqual(ownerOf(join(engine.store, 'volumes/data/_data/new')), [3, 4]);
  assert.deepEqual(ownerOf(join(bind, 'made')), [0, 0]);
  // Another container has other ids of the host, and the same inside.
  engine.note(engine.ok('run', '-d', '--userns', 'auto', ...sleeping));
  assert.equal(
    engine.script('stat -c %u:%g /data/new', '--userns', 'auto', '-v', 'data:/data').text,
    '3:4\n',
  );
  assert.equal(engine.script('stat -c %u:%g /data/new', '-v', 'data:/data').text, '3:4\n');
  const owned = engine.script(
    'touch /b/x; stat -c %u:%g /b/x',
    '--userns',
    'auto',
    '-u',
    '5:6',
    '-v',
    `${bind}:/b:U`,
  );
  assert.equal(owned.text, '5:6\n');
  assert.deepEqual(ownerOf(join(bind, 'file')), [FIRST + 65_536 + 5, FIRST + 65_536 + 6]);
});

test('a volume is filled with what the image has there, as the image’s users’', () => {
  using engine = new MappedEngine();
  engine.addBase();
  const args = [
    'run',
    '--rm',
    '--userns',
    'auto',
    '-v',
    'v:/seed',
    'base',
    'stat',
    '-c',
    '%u:%g',
    '/seed',
    '/seed/file',
  ];
  assert.equal(engine.ok(...args), '7:8\n7:8');
  assert.deepEqual(ownerOf(join(engine.store, 'volumes/v/_data/file')), [7, 8]);
});

test('--uidmap and --gidmap map what they say, --subuidname and --subgidname what the machine lists', () => {
  using engine = new MappedEngine();
  const maps = (...flags: readonly string[]): string => {
    const { text, stderr } = engine.script('cat /proc/self/uid_map /proc/self/gid_map', ...flags);
    assert.equal(stderr, '');
    return text.replaceAll(/^ +| +(?= )/gm, '');
  };
  const [users, more, groups] = ['0:5000:10', '10:7000:5', '0:6000:1000'];
  const given = maps('--uidmap', users, '--uidmap', more, '--gidmap', groups);
  assert.equal(given, '0 5000 10\n10 7000 5\n0 6000 1000\n');
  const listed = '0 3000000 1000\n1000 4000000 70000\n';
  assert.equal(maps('--subuidname', 'some'), listed + listed);
  assert.equal(maps('--subgidname', 'some'), listed + listed);
  const { text } = engine.script('touch /x && stat -c %u /x', '--uidmap', '0:0:1', '--uidmap', '1:9000:999');
  assert.equal(text, '0\n');
});

test('corten.toml may give ids of their own to all containers, and --userns=host takes them back', () => {
  using engine = new MappedEngine();
  const settings = join(engine.folder, 'corten.toml');
  writeFileSync(settings, '[containers]\nuserns = "auto"\n');
  const running = { env: { CORTEN_CONFIG: settings } };
  const map = (...flags: readonly string[]): string =>
    engine.call(['run', '--rm', ...flags, 'busybox', 'cat', '/proc/self/uid_map'], running).text;
  assert.match(map(), /^ +0 +1000000 +65536\n$/);
  assert.match(map('--userns', 'host'), /^ +0 +0 +4294967295\n$/);
});

test('a container with ids of its own has a network that its root has power over, a terminal and streams', () => {
  using engine = new MappedEngine();
  const script = 'ls /sys/class/net; ip link set lo mtu 1400 && echo set; echo out > /dev/stdout; id -u';
  assert.equal(engine.script(script, '--userns', 'auto', '--cap-add', 'NET_ADMIN').text, 'lo\nset\nout\n0\n');
  const asUser = engine.script('echo out > /dev/stdout; id -u', '--userns', 'auto', '-u', '9');
  assert.equal(asUser.text, 'out\n9\n', asUser.stderr);
  const host = engine.script('ls /sys/class/net | grep -c .', '--userns', 'auto', '--network', 'host').text;
  assert.equal(Number(host), readdirSync('/sys/class/net').length);
});

test('what can not be mapped is refused in a sentence', () => {
  using engine = new MappedEngine(70_000);
  engine.note(engine.ok('run', '-d', '--name', 'first', '--userns', 'auto', ...sleeping));
  const refused = (...flags: readonly string[]): string =>
    engine.call(['run', '--rm', ...flags, 'busybox', 'true']).stderr;
  assert.match(
    refused('--userns', 'auto'),
    /No 65536 ids in a row are left .*\/etc\/subuid gives to containers/,
  );
  assert.match(refused('--subuidname', 'nobody'), /\/etc\/subuid gives no ids to nobody: add a line/);
  assert.match(refused('--userns', 'keep-id'), /keep-id of --userns is for users other than root/);
  assert.match(refused('--userns', 'other'), /takes host, auto or auto:size=N, not "other"/);
  assert.match(refused('--userns', 'auto', '--uidmap', '0:1:1'), /say the same in different ways/);
  assert.match(refused('--uidmap', '1:5000:5'), /leave out the id 0/);
  assert.match(refused('--uidmap', '0:5000:5', '--uidmap', '3:9000:5'), /map an id twice/);
  assert.match(refused('--uidmap', '0:x'), /takes ID:HOST-ID:COUNT/);
  assert.match(
    refused('--uidmap', '0:5000:5'),
    /Become user 0:0: EINVAL, one of the ids or groups has no mapping/,
  );
  assert.match(refused('-v', '/tmp:/t:idmap'), /needs ids of the container's own/);
  engine.ok('rm', '-f', 'first');
  assert.deepEqual(engine.traces(), []);
});
