// Published attacks on low-level runtimes by what lies in the root file system, each tried for real: docs/ledger.md.

import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Bundle } from './runtime/bundle.ts';
import { runCommand } from './runtime/programs.ts';
import { whileSwapped } from './runtime/swapped.ts';

const ROUNDS = 40;
const SECRET = 'what is masked';

/** Without the mounts below /dev: the image's own is the container's. */
function withImageDev(bundle: Bundle): void {
  bundle.config.mounts = bundle.config.mounts.filter(
    ({ destination }) => !String(destination).startsWith('/dev'),
  );
}

/** A bundle beside a directory of the host that nothing may come into. */
function withOutside(): { readonly bundle: Bundle; readonly outside: string } {
  const bundle = new Bundle();
  const outside = `${bundle.folder}/outside`;
  mkdirSync(outside);
  return { bundle, outside };
}

function assertUntouched(outside: string): void {
  assert.deepEqual(readdirSync(outside), []);
  assert.equal(readFileSync('/proc/self/mountinfo', 'utf8').includes(outside), false);
}

test('CVE-2019-19921, CVE-2025-52881: a link of the image does not let a volume lie over /proc', () => {
  for (const [type, source] of [
    ['tmpfs', 'tmpfs'],
    ['bind', '/tmp'],
    ['cgroup', 'cgroup'],
  ]) {
    using bundle = new Bundle();
    symlinkSync('proc', `${bundle.rootfs}/link`);
    mkdirSync(`${bundle.rootfs}/proc`);
    for (const destination of ['/link/self/attr', '/link/sys']) {
      bundle.config.mounts.push({ destination, type, source, options: type === 'bind' ? ['bind'] : [] });
      const { code, stderr } = bundle.script('grep link /proc/self/mountinfo').run();
      assert.equal(code, 1, `${type} ${destination}`);
      assert.match(stderr, /leads to the proc file system, over which nothing may be mounted/);
      bundle.config.mounts.pop();
    }
  }
});

test('CVE-2019-16884: nothing is mounted over /proc by its own name, nor over what is masked there', () => {
  using bundle = new Bundle();
  for (const destination of ['/proc', '/proc/self/attr', '/proc/sys', '/proc/./sys/kernel']) {
    bundle.config.mounts.push({ destination, type: 'tmpfs', source: 'tmpfs' });
    assert.match(bundle.run().stderr, /mounts\[5\]\.destination is \/proc/);
    bundle.config.mounts.pop();
  }
});

test('CVE-2023-27561, CVE-2023-28642: an image whose /proc or /sys is a link is refused', () => {
  for (const name of ['proc', 'sys']) {
    using bundle = new Bundle();
    mkdirSync(`${bundle.rootfs}/evil`);
    symlinkSync('/evil', `${bundle.rootfs}/${name}`);
    const { code, stderr } = bundle.run();
    assert.equal(code, 1);
    assert.match(stderr, /goes through a symbolic link: it must be mounted on ordinary directory/);
  }
});

test('CVE-2021-30465: a mount point exchanged for a link while it is mounted never leads outside', async () => {
  const { bundle, outside } = withOutside();
  using _deleted = bundle;
  mkdirSync(`${outside}/deep`);
  mkdirSync(`${bundle.rootfs}/a/deep`, { recursive: true });
  symlinkSync(outside, `${bundle.rootfs}/b`);
  bundle.config.mounts.push({ destination: '/a/deep', type: 'tmpfs', source: 'tmpfs', options: ['rshared'] });
  // Wherever the link leads, it leads there inside: the mount is one of the container's.
  bundle.script('grep -c /deep /proc/self/mountinfo').write();
  await whileSwapped([`${bundle.rootfs}/a`, `${bundle.rootfs}/b`], ROUNDS, () => {
    const { code, stdout } = bundle.call(['run', '-b', bundle.path, bundle.id]);
    assert.equal(stdout, code === 0 ? '1\n' : '');
    assert.equal(readFileSync('/proc/self/mountinfo', 'utf8').includes(outside), false);
    assert.deepEqual(readdirSync(`${outside}/deep`), []);
  });
});

test('CVE-2024-45310: directories and files for mounts are never made outside', async () => {
  const { bundle, outside } = withOutside();
  using _deleted = bundle;
  mkdirSync(`${bundle.rootfs}/a`);
  symlinkSync(outside, `${bundle.rootfs}/b`);
  bundle.config.mounts.push(
    { destination: '/a/new/directory', type: 'tmpfs', source: 'tmpfs' },
    { destination: '/a/other/file', type: 'bind', source: '/etc/hostname', options: ['bind'] },
  );
  bundle.config.process['cwd'] = '/a/third/place';
  bundle.config.linux['devices'] = [{ path: '/a/fourth/device', type: 'c', major: 1, minor: 3 }];
  bundle.script('true').write();
  await whileSwapped([`${bundle.rootfs}/a`, `${bundle.rootfs}/b`], ROUNDS, () => {
    bundle.call(['run', '-b', bundle.path, bundle.id]);
    assertUntouched(outside);
  });
});

test('CVE-2026-41579, CVE-2026-47766: an image whose /dev is a link gets nothing made at the link’s end', async () => {
  const { bundle, outside } = withOutside();
  using _deleted = bundle;
  withImageDev(bundle);
  symlinkSync(outside, `${bundle.rootfs}/dev`);
  bundle.script('ls -d /dev/null').write();
  bundle.call(['run', '-b', bundle.path, bundle.id]);
  assertUntouched(outside);
  rmSync(`${bundle.rootfs}/dev`);
  mkdirSync(`${bundle.rootfs}/dev`);
  symlinkSync(outside, `${bundle.rootfs}/link`);
  await whileSwapped([`${bundle.rootfs}/dev`, `${bundle.rootfs}/link`], ROUNDS, () => {
    bundle.call(['run', '-b', bundle.path, bundle.id]);
    assertUntouched(outside);
  });
});

test('a file of the image under a device’s name does not pass for the device', () => {
  for (const make of ['echo content >', 'ln -s /etc/passwd', 'mknod -m 666']) {
    using bundle = new Bundle();
    withImageDev(bundle);
    mkdirSync(`${bundle.rootfs}/dev`);
    const isNode = make.startsWith('mknod');
    runCommand(['sh', '-c', `${make} ${bundle.rootfs}/dev/random ${isNode ? 'c 1 5' : ''}`]);
    const { code, stderr } = bundle.script('cat /dev/random').run();
    assert.equal(code, 1, make);
    assert.match(stderr, /The file \/dev\/random in the root file system is not the device 1:8/);
  }
});

/** A container whose /secret is masked while something else than the null device may lie at /dev/null. */
function withSecret(): Bundle {
  const bundle = new Bundle();
  withImageDev(bundle);
  writeFileSync(`${bundle.rootfs}/secret`, SECRET);
  bundle.config.linux['maskedPaths'] = ['/secret', '/proc/self/environ'];
  bundle.script('cat /secret; stat -c %t:%T /secret').write();
  return bundle;
}

test('CVE-2025-31133: what is masked is masked by the null device or the container does not begin', async () => {
  for (const target of ['/proc/version', 'regular', '/secret']) {
    using bundle = withSecret();
    mkdirSync(`${bundle.rootfs}/dev`);
    if (target === 'regular') writeFileSync(`${bundle.rootfs}/dev/null`, 'shown in its place');
    else symlinkSync(target, `${bundle.rootfs}/dev/null`);
    const { code, stderr } = bundle.call(['run', '-b', bundle.path, bundle.id]);
    assert.equal(code, 1, target);
    assert.match(stderr, /\/dev\/null .* is not the (null )?device/);
  }
  using bundle = withSecret();
  const dev = `${bundle.folder}/dev`;
  mkdirSync(dev);
  writeFileSync(`${dev}/null`, 'shown in its place');
  bundle.config.mounts.push({ destination: '/dev', type: 'bind', source: dev, options: ['bind', 'rw'] });
  assert.match(bundle.run().stderr, /The file \/dev\/null in the container is not the null device/);
  rmSync(`${dev}/null`);
  runCommand(['mknod', `${dev}/null`, 'c', '1', '3']);
  symlinkSync('/proc/version', `${dev}/other`);
  let begun = 0;
  await whileSwapped([`${dev}/null`, `${dev}/other`], ROUNDS, () => {
    const { code, stdout } = bundle.call(['run', '-b', bundle.path, bundle.id]);
    if (code === 0) begun++;
    assert.equal(stdout, code === 0 ? '1:3\n' : '');
  });
  assert.ok(begun > 0, 'the race is lost at times');
});

test('CVE-2025-52565: a link at /dev/console or /dev/pts is not followed by the console', async () => {
  using bundle = new Bundle();
  const dev = `${bundle.folder}/dev`;
  mkdirSync(`${dev}/pts`, { recursive: true });
  chmodSync(dev, 0o755);
  for (const [name, minor] of [
    ['null', '3'],
    ['zero', '5'],
  ] as const)
    runCommand(['mknod', `${dev}/${name}`, 'c', '1', minor]);
  bundle.config.process['terminal'] = true;
  bundle.config.mounts = bundle.config.mounts.filter(({ destination }) => destination !== '/dev');
  bundle.config.mounts.unshift({ destination: '/dev', type: 'bind', source: dev, options: ['bind', 'rw'] });
  bundle.script('cat /proc/version').write();
  const run = (): string => {
    const command = `runt --root ${bundle.folder}/state-runt run -b ${bundle.path} ${bundle.id}`;
    return runCommand(['script', '-qec', command, '/dev/null'], {
      env: { ...process.env, PATH: `${new URL('../bin', import.meta.url).pathname}:${process.env['PATH']}` },
    }).stdout;
  };
  symlinkSync('/proc/version', `${dev}/console`);
  assert.match(run(), /The path \/dev\/console in the root file system is a symbolic link/);
  writeFileSync(`${dev}/other`, '');
  await whileSwapped([`${dev}/console`, `${dev}/other`], ROUNDS, () => {
    const text = run();
    // Either it was the link, or the console is a terminal and /proc/version what it always is.
    assert.match(text, /is a symbolic link|Linux version /);
  });
});
