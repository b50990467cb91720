// corten of a user other than root: images, containers and their life in the user's own store.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeBusybox } from './engine/images.ts';
import { OrdinaryUser } from './runtime/ordinary-user.ts';
import { spawnCommand, type Outcome, type Spawned } from './runtime/programs.ts';

/** A user with the image `base`, one file of which belongs to another of the user's ids. */
class CortenUser extends OrdinaryUser {
  readonly store = join(this.home, '.local/share/corten');

  constructor(hasMoreIds = true) {
    super();
    if (!hasMoreIds)
      for (const name of ['subuid', 'subgid']) writeFileSync(join(this.folder, 'etc', name), '');
    const tree = join(this.folder, 'tree');
    mkdirSync(tree);
    makeBusybox(tree);
    writeFileSync(join(tree, 'file'), 'x\n');
    if (hasMoreIds) execFileSync('chown', ['7:8', join(tree, 'file')]);
    execFileSync('tar', ['-C', tree, '-cf', join(this.folder, 'base.tar'), '.']);
    this.ok('import', '-c', 'ENV PATH=/bin', join(this.folder, 'base.tar'), 'base');
  }

  corten(...args: readonly string[]): Outcome {
    return this.call(['corten', ...args]);
  }

  ok(...args: readonly string[]): string {
    const { code, stdout, stderr } = this.corten(...args);
    assert.equal(code, 0, `corten ${args.join(' ')}: ${stderr}`);
    return stdout.replace(/\n$/, '');
  }

  start(...args: readonly string[]): Spawned {
    return spawnCommand(this.command(['corten', ...args]), { cwd: this.home });
  }

  /** All that there is of containers. */
  traces(): readonly string[] {
    const folders = [
      join(this.store, 'containers'),
      join(this.store, 'names'),
      join(this.runtimeDirectory, 'corten/runt'),
    ];
    return folders.flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : []));
  }

  override [Symbol.dispose](): void {
    const ids = this.ok('ps', '-aq').split('\n').filter(Boolean);
    if (ids.length > 0) this.ok('rm', '-f', ...ids);
    const left = this.traces();
    super[Symbol.dispose]();
    assert.deepEqual(left, []);
  }
}

test('a user runs a container, who is root in it and nobody else outside', () => {
  using user = new CortenUser();
  const script =
    'id -u; cat /proc/self/uid_map; stat -c %u:%g /file; touch /made && echo x > /dev/null; ls /sys/class/net';
  const text = user.ok('run', '--rm', 'base', 'sh', '-c', script);
  assert.match(text, /^0\n +0 +54321 +1\n +1 +700000 +65536\n7:8\nlo$/);
  assert.equal(user.corten('run', '--rm', 'base', 'sh', '-c', 'exit 7').code, 7);
  assert.equal(
    user.ok('run', '--rm', '--network', 'host', 'base', 'sh', '-c', 'ls /sys/class/net | grep -c .'),
    String(readdirSync('/sys/class/net').length),
  );
  assert.match(user.ok('images'), /^base +latest/m);
  assert.deepEqual(user.traces(), []);
});

test('a container of a user goes on, is seen, entered, changed, stopped, started and removed', () => {
  using user = new CortenUser();
  const script = 'echo begun; trap "exit 3" TERM; while :; do sleep 0.05; done';
  user.ok('run', '-d', '--name', 'c', 'base', 'sh', '-c', script);
  const pid = Number(user.ok('inspect', '--format', '{{.State.Pid}}', 'c'));
  assert.match(readFileSync(`/proc/${pid}/status`, 'utf8'), /^Uid:\s+54321\s+54321/m);
  assert.match(user.ok('ps'), /Up .* c$/m);
  assert.equal(user.ok('logs', 'c'), 'begun');
  assert.equal(user.ok('exec', 'c', 'sh', '-c', 'id -u; touch /new; chown 5:6 /new; rm /file'), '0');
  assert.equal(user.ok('exec', '-u', '5:6', 'c', 'id', '-u'), '5');
  assert.deepEqual(user.ok('diff', 'c').split('\n').toSorted(), ['A /new', 'D /file']);
  assert.match(user.ok('top', 'c'), /sh -c echo begun/);
  user.ok('cp', 'c:/new', 'copied');
  user.ok('cp', 'copied', 'c:/back');
  user.ok('stop', 'c');
  assert.equal(user.ok('inspect', '--format', '{{.State.ExitCode}}', 'c'), '3');
  user.ok('start', 'c');
  assert.equal(user.ok('exec', 'c', 'stat', '-c', '%u:%g', '/new', '/back'), '5:6\n0:0');
  user.ok('commit', 'c', 'changed');
  assert.equal(user.ok('run', '--rm', 'changed', 'stat', '-c', '%u:%g', '/new'), '5:6');
  user.ok('kill', 'c');
  assert.equal(user.ok('wait', 'c'), '137');
  user.ok('rm', 'c');
  user.ok('rmi', 'changed');
});

test('containers that start at once are in one user namespace, and the last takes it along', async () => {
  using user = new CortenUser();
  const names = ['a', 'b', 'c', 'd'];
  const started = names.map((name) => user.start('run', '-d', '--name', name, 'base', 'sleep', '1000'));
  for (const { outcome } of started) assert.equal((await outcome).code, 0);
  const spaces = names.map((name) => user.ok('exec', name, 'readlink', '/proc/self/ns/user'));
  assert.equal(new Set(spaces).size, 1, spaces.join());
  user.ok('rm', '-f', ...names);
  assert.notEqual(user.ok('run', '--rm', 'base', 'readlink', '/proc/self/ns/user'), spaces[0]);
});

test('without subordinate ids the own one is root’s', () => {
  using user = new CortenUser(false);
  assert.match(user.ok('run', '--rm', 'base', 'cat', '/proc/self/uid_map'), /^ +0 +54321 +1$/);
});

test('volumes and binds of a user', () => {
  using user = new CortenUser();
  user.ok('run', '--rm', '-v', 'data:/data', 'base', 'sh', '-c', 'echo kept > /data/f; chown 9 /data/f');
  assert.equal(
    user.ok('run', '--rm', '-v', 'data:/data', 'base', 'sh', '-c', 'cat /data/f; stat -c %u /data/f'),
    'kept\n9',
  );
  user.call(['mkdir', 'own']);
  user.ok('run', '--rm', '-v', `${user.home}/own:/own`, 'base', 'touch', '/own/file');
  assert.equal(user.call(['stat', '-c', '%u', 'own/file']).stdout, `${user.uid}\n`);
  user.ok('volume', 'rm', 'data');
});

test('what a user can not have is refused in a sentence', () => {
  using user = new CortenUser();
  const refused = (...flags: readonly string[]): string => {
    const { code, stderr } = user.corten('run', '--rm', ...flags, 'base', 'true');
    assert.equal(code, 125, stderr);
    return stderr;
  };
  assert.match(
    refused('--memory', '100m'),
    /linux\.resources\.memory\.limit needs a cgroup, and the caller may make none/,
  );
  assert.match(
    refused('--network', 'bridge'),
    /of a user other than root is none, host or container:NAME, not "bridge"/,
  );
  assert.match(refused('-p', '8080:80'), /of a user other than root/);
});
