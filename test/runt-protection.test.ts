// What a hostile container or image could try against the runtime and the host.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Bundle } from './runtime/bundle.ts';
import { RUNT, runCommand } from './runtime/programs.ts';

const ALL = ['CAP_SYS_ADMIN', 'CAP_DAC_OVERRIDE', 'CAP_DAC_READ_SEARCH', 'CAP_NET_ADMIN'];

function digest(): string {
  return createHash('sha256').update(readFileSync(RUNT)).digest('hex');
}

function powerful(bundle: Bundle): void {
  bundle.config.process['capabilities'] = { bounding: ALL, permitted: ALL, effective: ALL };
}

test('a program that is /proc/self/exe is not the runtime (CVE-2019-5736)', () => {
  using bundle = new Bundle();
  const before = digest();
  writeFileSync(`${bundle.rootfs}/script`, '#!/proc/self/exe\n', { mode: 0o755 });
  symlinkSync('/proc/self/exe', `${bundle.rootfs}/link`);
  for (const program of ['/proc/self/exe', '/script', '/link']) {
    bundle.config.process['args'] = [program, '--version'];
    const { stdout, stderr } = bundle.run();
    assert.doesNotMatch(stdout + stderr, /runt version/, program);
  }
  assert.equal(digest(), before);
});

test('exec of a link to /proc/self/exe gives the container nothing of the runtime to write', () => {
  using bundle = new Bundle();
  const before = digest();
  powerful(bundle);
  symlinkSync('/proc/self/exe', `${bundle.rootfs}/link`);
  const watch = `while :; do for p in /proc/[0-9]*; do
    case $(readlink $p/exe) in /bin/busybox|"") ;; *) readlink $p/exe >> /seen; echo overwritten 2>/dev/null > $p/exe && echo wrote >> /seen ;; esac
    done; done`;
  bundle.config.process['args'] = ['sh', '-c', watch];
  bundle.write();
  assert.equal(bundle.call(['run', '-d', '-b', bundle.path, bundle.id]).code, 0);
  for (let round = 0; round < 20; round++) bundle.call(['exec', bundle.id, '/link', '--version']);
  bundle.call(['delete', '--force', bundle.id]);
  const seen = runCommand(['sh', '-c', `cat ${bundle.rootfs}/seen 2>/dev/null || true`]).stdout;
  assert.doesNotMatch(seen, /wrote|corten|runt$/m);
  assert.equal(digest(), before);
});

test('the program starts with the standard streams alone, and none of them is the host’s directory', () => {
  using bundle = new Bundle();
  const text = bundle.script('ls /proc/1/fd; true').output();
  assert.equal(text, '0\n1\n2\n');
});

test('descriptors that the caller leaks do not reach the container', async () => {
  using bundle = new Bundle();
  bundle.script('ls /proc/1/fd; true').write();
  const command = [RUNT, '--root', `${bundle.folder}/state-runt`, 'run', '-b', bundle.path, bundle.id];
  const leaking = `exec 5</etc/passwd 7</etc 9</; exec "$@"`;
  assert.equal(runCommand(['sh', '-c', leaking, 'sh', ...command]).stdout, '0\n1\n2\n');
});

test('closed standard streams do not make room for a file of ours', () => {
  using bundle = new Bundle();
  bundle.script('ls -l /proc/self/fd > /out').write();
  const command = [RUNT, '--root', `${bundle.folder}/state-runt`, 'run', '-b', bundle.path, bundle.id];
  assert.equal(runCommand(['sh', '-c', 'exec "$@" <&- >&- 2>&-', 'sh', ...command]).code, 0);
  const links = readFileSync(`${bundle.rootfs}/out`, 'utf8');
  assert.match(links, / 0 -> \/dev\/null\n.* 1 -> \/out\n.* 2 -> \/dev\/null\n/);
});

test('the caller’s environment, ignored and blocked signals stay outside', () => {
  using bundle = new Bundle();
  bundle.config.process['args'] = [
    'grep',
    '-hE',
    '^(Sig(Blk|Ign)|SECRET)',
    '/proc/self/status',
    '/proc/self/environ',
  ];
  bundle.write();
  const command = [RUNT, '--root', `${bundle.folder}/state-runt`, 'run', '-b', bundle.path, bundle.id];
  const { stdout } = runCommand([
    'sh',
    '-c',
    `trap '' HUP INT USR1 PIPE; SECRET=1 exec "$@"`,
    'sh',
    ...command,
  ]);
  assert.doesNotMatch(stdout, /SECRET/);
  assert.equal(stdout, 'SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n');
});

test('a working directory that is a descriptor of the runtime’s is refused (CVE-2024-21626)', () => {
  using bundle = new Bundle();
  powerful(bundle);
  for (let fd = 3; fd < 16; fd++) {
    bundle.config.process['cwd'] = `/proc/self/fd/${fd}`;
    const { code, stdout, stderr } = bundle.script('cat ../../../../../etc/hostname; pwd').run();
    assert.equal(code, 1, `${fd}: ${stdout}`);
    assert.match(stderr, /proc\/self\/fd/);
  }
  symlinkSync('/proc/self/fd/7', `${bundle.rootfs}/link`);
  bundle.config.process['cwd'] = '/link';
  assert.equal(bundle.run().code, 1);
});

test('exec refuses such a working directory too', () => {
  using bundle = new Bundle();
  bundle.start();
  for (let fd = 3; fd < 16; fd++) {
    assert.equal(
      bundle.call(['exec', '--cwd', `/proc/self/fd/${fd}`, bundle.id, 'cat', '../../../etc/hostname']).code,
      255,
    );
  }
});

test('a container in the host’s pid namespace with ptrace cannot open what the runtime holds while it starts another', () => {
  using spy = new Bundle();
  powerful(spy);
  spy.config.linux.namespaces = spy.config.linux.namespaces.filter(({ type }) => type !== 'pid');
  const look = `while :; do for p in /proc/[0-9]*; do
    case $(readlink $p/exe) in *corten*|*memfd:*) cat $p/environ 2>/dev/null | grep -q MARKER && echo environ >> /seen; ls $p/root/etc/hostname 2>/dev/null && echo root >> /seen;; esac
    done; done`;
  // Powers over the host's processes are those of its user namespace: the spy has none that matter.
  spy.config.process['capabilities'] = {};
  spy.config.process['user'] = { uid: 12345, gid: 12345 };
  spy.config.process['args'] = ['sh', '-c', look];
  spy.write();
  mkdirSync(`${spy.rootfs}/tmp`);
  spy.call(['run', '-d', '-b', spy.path, spy.id]);
  using bundle = new Bundle();
  for (let round = 0; round < 10; round++)
    assert.equal(bundle.run({ env: { ...process.env, MARKER: '1' } }).code, 0);
  assert.equal(runCommand(['sh', '-c', `cat ${spy.rootfs}/seen 2>/dev/null || true`]).stdout, '');
});

test('a mount point exchanged for a link while mounts are made never leads outside (CVE-2021-30465)', async () => {
  using bundle = new Bundle();
  const outside = `${bundle.folder}/outside`;
  mkdirSync(`${outside}/deep`, { recursive: true });
  mkdirSync(`${bundle.rootfs}/a/deep`, { recursive: true });
  symlinkSync(outside, `${bundle.rootfs}/b`);
  bundle.config.mounts.push({ destination: '/a/deep', type: 'tmpfs', source: 'tmpfs', options: ['rshared'] });
  bundle.script(`cat /proc/self/mountinfo`).write();
  const swap = `while :; do mv -T a c; mv -T b a; mv -T a b; mv -T c a; done`;
  const swapper = spawn('sh', ['-c', swap], { cwd: bundle.rootfs, stdio: 'ignore' });
  try {
    for (let round = 0; round < 30; round++) {
      bundle.call(['run', '-b', bundle.path, bundle.id]);
      const hostMounts = readFileSync('/proc/self/mountinfo', 'utf8');
      assert.equal(hostMounts.includes(outside), false);
      assert.equal(runCommand(['ls', '-A', `${outside}/deep`]).stdout, '');
    }
  } finally {
    swapper.kill('SIGKILL');
    await new Promise((resolve) => swapper.once('exit', resolve));
    rmSync(`${bundle.rootfs}/c`, { recursive: true, force: true });
  }
});
