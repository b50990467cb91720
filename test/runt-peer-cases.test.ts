// What runc's and crun's own suites ask for, in cases of ours.

import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Bundle } from './runtime/bundle.ts';
import { runCommand, RUNT } from './runtime/programs.ts';

test('flags may stand after the container’s id, but not in the command of exec', () => {
  using bundle = new Bundle();
  bundle.start();
  assert.equal(bundle.call(['update', bundle.id, '--pids-limit', '20']).code, 0);
  assert.equal(bundle.call(['exec', bundle.id, 'echo', '--help', '-t']).stdout, '--help -t\n');
  assert.equal(bundle.call(['delete', bundle.id, '--force']).code, 0);
});

test('in runc’s place, under that name, it is called so', () => {
  using bundle = new Bundle();
  symlinkSync(RUNT, `${bundle.folder}/runc`);
  assert.match(
    runCommand([`${bundle.folder}/runc`, '--version']).stdout,
    /^runc version \d+\.\d+\.\d+\ncommit/,
  );
});

test('help of a verb that is refused says so', () => {
  assert.match(
    runCommand([RUNT, 'checkpoint', '-h']).stdout,
    /runt checkpoint - refused, where runc checkpoint/,
  );
});

test('crun’s --cgroup-manager is taken where it is cgroupfs, and its --config names the document', () => {
  using bundle = new Bundle();
  bundle.script('echo fine').write();
  mkdirSync(`${bundle.path}/sub`);
  renameSync(`${bundle.path}/config.json`, `${bundle.path}/sub/other.json`);
  const run = (...flags: readonly string[]): string => {
    const { stdout, stderr } = bundle.call([...flags, bundle.id]);
    return stdout + stderr;
  };
  const words = ['run', '-b', bundle.path, '-f'] as const;
  assert.equal(run('--cgroup-manager', 'cgroupfs', ...words, 'sub/other.json'), 'fine\n');
  assert.equal(run(...words, `${bundle.path}/sub/other.json`), 'fine\n');
  assert.match(
    run('--cgroup-manager=systemd', ...words, 'sub/other.json'),
    /--cgroup-manager=systemd is not supported/,
  );
  assert.match(
    run('--cgroup-manager=x', ...words, 'sub/other.json'),
    /--cgroup-manager takes cgroupfs, not "x"/,
  );
});

test('delete --regex deletes all that match', () => {
  using bundle = new Bundle();
  bundle.write();
  for (const id of ['one-a', 'one-b', 'two-a']) {
    bundle.config.linux['cgroupsPath'] = `/${bundle.id}/${id}`;
    bundle.write();
    assert.equal(bundle.call(['create', '-b', bundle.path, id]).code, 0);
  }
  assert.equal(bundle.call(['delete', '--regex', '^one-']).code, 0);
  assert.equal(bundle.call(['list', '-q']).stdout, 'two-a\n');
  assert.match(
    bundle.call(['delete', '--regex', '[']).stderr,
    /--regex wants a regular expression, not "\["/,
  );
  assert.equal(bundle.call(['delete', '--force', '--regex', '.']).code, 0);
  runCommand([
    'sh',
    '-c',
    `rmdir /sys/fs/cgroup/${bundle.id} /sys/fs/cgroup/*/${bundle.id} 2>/dev/null; true`,
  ]);
});

test('sockets of systemd’s activation come after those of --preserve-fds', () => {
  using bundle = new Bundle();
  bundle.script('echo $LISTEN_FDS $LISTEN_PID $LISTEN_FDNAMES; cat <&3').write();
  writeFileSync(`${bundle.folder}/three`, 'three\n');
  const run = (variables: string): string => {
    const script = `exec 3<${bundle.folder}/three; ${variables} exec "$@"`;
    const command = [RUNT, '--root', `${bundle.folder}/state-runt`, 'run', '-b', bundle.path, bundle.id];
    return runCommand(['sh', '-c', script, 'sh', ...command]).stdout;
  };
  assert.equal(run('LISTEN_FDS=1 LISTEN_FDNAMES=web'), '1 1 web\nthree\n');
  assert.equal(run('LISTEN_FDS=1 LISTEN_PID=$$'), '1 1\nthree\n');
  assert.equal(run('LISTEN_FDS=1 LISTEN_PID=1'), '\n');
  assert.equal(run('LISTEN_FDS=x'), '\n');
});

test('the annotation of podman’s keep-groups keeps the caller’s groups', () => {
  using bundle = new Bundle();
  const groups = (): string => {
    bundle.script('grep Groups /proc/self/status').write();
    const command = [RUNT, '--root', `${bundle.folder}/state-runt`, 'run', '-b', bundle.path, bundle.id];
    return runCommand(['setpriv', '--groups', '5,7', ...command]).stdout;
  };
  assert.equal(groups(), 'Groups:\t \n');
  bundle.config['annotations'] = { 'run.oci.keep_original_groups': '1' };
  assert.equal(groups(), 'Groups:\t5 7 \n');
});

test('a working directory that its user could not enter is entered with the caller’s powers', () => {
  using bundle = new Bundle();
  mkdirSync(`${bundle.rootfs}/private`);
  chownSync(`${bundle.rootfs}/private`, 7, 7);
  chmodSync(`${bundle.rootfs}/private`, 0o700);
  bundle.config.process['cwd'] = '/private';
  bundle.config.process['user'] = { uid: 42, gid: 42 };
  for (const name of ['runt', 'runc'] as const)
    assert.equal(bundle.script('echo fine').output(name), 'fine\n', name);
});

test('without pivot_root the host’s /proc is not left for a user namespace to mount one without masks', () => {
  using bundle = new Bundle();
  bundle.config.linux['maskedPaths'] = ['/proc/meminfo'];
  bundle.config.process['args'] = ['unshare', '-mrpf', 'sh', '-c', 'mount -t proc none /proc && echo bare'];
  const capabilities = ['CAP_SETFCAP', 'CAP_SETUID', 'CAP_SETGID'];
  bundle.config.process['capabilities'] = {
    bounding: capabilities,
    permitted: capabilities,
    effective: capabilities,
  };
  bundle.write();
  for (const flags of [[], ['--no-pivot']]) {
    const { stdout, stderr } = bundle.call(['run', ...flags, '-b', bundle.path, bundle.id]);
    assert.equal(stdout, '');
    assert.match(stderr, /mount: permission denied/);
  }
  bundle.config.process['args'] = ['sh', '-c', 'grep -c . /proc/self/mountinfo; ls /proc/1/root/bin/busybox'];
  bundle.write();
  const seen = bundle.call(['run', '--no-pivot', '-b', bundle.path, bundle.id]).stdout;
  // The container's own mounts, and the two roots of the host that nobody can take away.
  assert.match(seen, /^1?\d\n\/proc\/1\/root\/bin\/busybox\n$/);
});

test('a hook of the host that names no environment has the caller’s, one of the container has none', () => {
  using bundle = new Bundle();
  const hook = (...more: readonly object[]): object =>
    Object.assign({ path: '/bin/sh', args: ['sh', '-c'] }, ...more);
  const telling = { args: ['sh', '-c', `echo "$MARKER" >> ${bundle.folder}/told`] };
  bundle.config['hooks'] = {
    createRuntime: [hook(telling), hook(telling, { env: ['MARKER=own'] }), hook(telling, { env: [] })],
    startContainer: [hook({ args: ['sh', '-c', '[ -z "$MARKER" ]'] })],
  };
  assert.deepEqual(bundle.script('echo fine').run({ env: { ...process.env, MARKER: 'caller' } }), {
    code: 0,
    stdout: 'fine\n',
    stderr: '',
  });
  assert.equal(runCommand(['cat', `${bundle.folder}/told`]).stdout, 'caller\nown\n\n');
});
