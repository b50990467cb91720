// Mounts, devices and protected paths, as they look from inside.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Bundle } from './runtime/bundle.ts';

const MOUNTINFO = 'cat /proc/self/mountinfo';

/** Mount point → its options, optional fields and file system, of a mountinfo text. */
function mountsOf(
  text: string,
): ReadonlyMap<string, { options: string; fields: string; type: string; superOptions: string }> {
  const rows = text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [own = '', system = ''] = line.split(' - ');
      const [, , , , point = '', options = '', ...fields] = own.split(' ');
      const [type = '', , superOptions = ''] = system.split(' ');
      return [point, { options, fields: fields.join(' '), type, superOptions }] as const;
    });
  return new Map(rows);
}

test('every mount option reaches the mount', () => {
  using bundle = new Bundle();
  const add = (destination: string, ...options: string[]): void =>
    void bundle.config.mounts.push({ destination, type: 'tmpfs', source: 'tmpfs', options });
  add('/m/plain');
  add('/m/all', 'ro', 'nosuid', 'nodev', 'noexec', 'noatime', 'nodiratime', 'nosymfollow');
  add('/m/strict', 'strictatime', 'size=64k', 'mode=700', 'uid=5');
  add('/m/last', 'ro', 'noexec', 'rw', 'exec');
  add('/m/sync', 'sync', 'dirsync');
  bundle.script(`${MOUNTINFO}; stat -c '%a %u' /m/strict >&2`);
  const { stdout, stderr } = bundle.run();
  const mounts = mountsOf(stdout);
  assert.equal(mounts.get('/m/plain')?.options, 'rw,relatime');
  assert.equal(mounts.get('/m/all')?.options, 'ro,nosuid,nodev,noexec,noatime,nodiratime,nosymfollow');
  assert.equal(mounts.get('/m/strict')?.options, 'rw');
  assert.match(mounts.get('/m/strict')?.superOptions ?? '', /size=64k,mode=700,uid=5/);
  assert.equal(mounts.get('/m/last')?.options, 'rw,relatime');
  assert.match(mounts.get('/m/sync')?.superOptions ?? '', /^rw,sync,dirsync/);
  assert.equal(stderr, '700 5\n');
});

test('a bind shows a directory, a file and, with rbind, what is mounted below', () => {
  using bundle = new Bundle();
  const source = `${bundle.folder}/source`;
  mkdirSync(`${source}/inner`, { recursive: true });
  writeFileSync(`${source}/file`, 'host');
  bundle.config.mounts.push(
    { destination: '/dir', type: 'bind', source, options: ['bind'] },
    { destination: '/made/file', source: `${source}/file`, options: ['bind', 'ro'] },
    { destination: '/deep', source, options: ['rbind'] },
  );
  const script =
    'cat /dir/file /made/file; ls /dir/inner /deep/inner; echo x 2>/dev/null > /made/file || echo refused; echo y > /dir/file';
  bundle.script(script).write();
  const { code, stdout, stderr } = bundle.callMounted(
    `mount -t tmpfs x ${source}/inner; touch ${source}/inner/below`,
  );
  assert.equal(code, 0, stderr);
  assert.equal(stdout, 'hosthost/deep/inner:\nbelow\n\n/dir/inner:\nrefused\n');
  assert.equal(execFileSync('cat', [`${source}/file`], { encoding: 'utf8' }), 'y\n');
});

test('recursive attributes hold for the mount and all below it, plain ones for it alone', () => {
  using bundle = new Bundle();
  const source = `${bundle.folder}/source`;
  mkdirSync(`${source}/inner`, { recursive: true });
  const bind = (destination: string, ...options: string[]): void =>
    void bundle.config.mounts.push({ destination, source, options: ['rbind', ...options] });
  bind('/ro', 'ro', 'nosuid');
  bind('/rro', 'rro', 'rnosuid', 'rnodev', 'rnoexec', 'rnosymfollow');
  bind('/mixed', 'rnoatime', 'rro', 'rw');
  bundle.script(MOUNTINFO).write();
  const { stdout, stderr } = bundle.callMounted(`mount -t tmpfs x ${source}/inner`);
  const mounts = mountsOf(stdout);
  const options = (point: string): string | undefined => mounts.get(point)?.options;
  assert.equal(options('/ro'), 'ro,nosuid,relatime', stderr);
  assert.equal(options('/ro/inner'), 'rw,relatime');
  assert.equal(options('/rro'), 'ro,nosuid,nodev,noexec,relatime,nosymfollow');
  assert.equal(options('/rro/inner'), 'ro,nosuid,nodev,noexec,relatime,nosymfollow');
  assert.equal(options('/mixed'), 'rw,noatime');
  assert.equal(options('/mixed/inner'), 'ro,noatime');
});

test('propagation is private unless asked for', () => {
  using bundle = new Bundle();
  const source = `${bundle.folder}/source`;
  mkdirSync(source);
  for (const [destination, ...options] of [
    ['/private'],
    ['/shared', 'shared'],
    ['/slave', 'rslave'],
    ['/unbindable', 'unbindable'],
    ['/tmpshared', 'rshared', 'tmpfs'],
  ] as const) {
    const isTmpfs = options[1] === 'tmpfs';
    bundle.config.mounts.push({
      destination,
      ...(isTmpfs ? { type: 'tmpfs', source: 'tmpfs' } : { source }),
      options: [...(isTmpfs ? [] : ['bind']), ...options.slice(0, 1)],
    });
  }
  bundle.script(MOUNTINFO).write();
  const { stdout, stderr } = bundle.callMounted('true');
  const mounts = mountsOf(stdout);
  const fields = (point: string): string | undefined => mounts.get(point)?.fields;
  assert.equal(fields('/private'), '', stderr);
  assert.match(fields('/shared') ?? '', /^shared:\d+$/);
  assert.equal(fields('/unbindable'), 'unbindable');
  assert.match(fields('/tmpshared') ?? '', /^shared:\d+$/);
});

test('a mount made on the host after the start is seen through a slave and not through a private bind', () => {
  using bundle = new Bundle();
  const source = `${bundle.folder}/source`;
  mkdirSync(`${source}/late`, { recursive: true });
  bundle.config.mounts.push(
    { destination: '/private', source, options: ['rbind', 'rprivate'] },
    { destination: '/slave', source, options: ['rbind', 'rslave'] },
  );
  bundle.config.linux['rootfsPropagation'] = 'rslave';
  bundle
    .script(
      'touch /slave/ready; while ! test -e /slave/go; do sleep 0.01; done; ls /slave/late /private/late',
    )
    .write();
  const script = `mount --bind ${source} ${source}; mount --make-shared ${source};
    "$@" & while ! test -e ${source}/ready; do sleep 0.01; done
    mount -t tmpfs x ${source}/late; touch ${source}/late/seen ${source}/go; wait $!`;
  const { stdout, stderr } = bundle.callInMounts(script);
  assert.equal(stdout, '/private/late:\n\n/slave/late:\nseen\n', stderr);
});

test('the root is read-only where the document says so, and mounts in it stay writable', () => {
  using bundle = new Bundle();
  bundle.config.root['readonly'] = true;
  bundle.config.mounts.push({ destination: '/scratch', type: 'tmpfs', source: 'tmpfs' });
  const text = bundle
    .script('touch /x 2>&1; touch /scratch/x && echo made; touch /dev/x && echo dev')
    .output();
  assert.equal(text, 'touch: /x: Read-only file system\nmade\ndev\n');
  assert.ok(existsSync(`${bundle.rootfs}/scratch`));
});

test('masked paths are empty and read-only paths refuse writing, /proc and /sys included', () => {
  using bundle = new Bundle();
  Object.assign(bundle.config.linux, {
    maskedPaths: ['/proc/kcore', '/sys/firmware', '/secret', '/secrets', '/not/there'],
    readonlyPaths: ['/proc/sys', '/etc', '/not/there'],
  });
  writeFileSync(`${bundle.rootfs}/secret`, 'hidden');
  mkdirSync(`${bundle.rootfs}/secrets/inner`, { recursive: true });
  const script = `cat /proc/kcore /secret; ls /sys/firmware /secrets; touch /secrets/x 2>&1; touch /etc/x 2>&1
    (echo 1 > /proc/sys/vm/drop_caches) 2>&1; stat -c %t:%T /secret`;
  assert.deepEqual(bundle.script(script).run().stdout.trimEnd().split('\n'), [
    '/secrets:',
    '',
    '/sys/firmware:',
    'touch: /secrets/x: Read-only file system',
    'touch: /etc/x: Read-only file system',
    "sh: can't create /proc/sys/vm/drop_caches: Read-only file system",
    '1:3',
  ]);
});

test('default devices and those of the document are made, with their modes and owners', () => {
  using bundle = new Bundle();
  bundle.config.linux['devices'] = [
    { type: 'c', path: '/dev/fuse', major: 10, minor: 229, fileMode: 0o640, uid: 3, gid: 4 },
    { type: 'b', path: '/dev/deep/loop', major: 7, minor: 300, fileMode: 0o4600 },
    { type: 'p', path: '/run/fifo' },
    { type: 'u', path: '/dev/null2', major: 1, minor: 3 },
  ];
  const names = 'null zero full random urandom tty fuse deep/loop null2';
  const script = `cd /dev; for n in ${names} ../run/fifo; do stat -c '%n %F %a %u:%g %t,%T' $n; done; ls -l fd stdin stdout stderr ptmx | awk '{print $9, $11}'`;
  assert.deepEqual(bundle.script(script).output().trimEnd().split('\n'), [
    'null character special file 666 0:0 1,3',
    'zero character special file 666 0:0 1,5',
    'full character special file 666 0:0 1,7',
    'random character special file 666 0:0 1,8',
    'urandom character special file 666 0:0 1,9',
    'tty character special file 666 0:0 5,0',
    'fuse character special file 640 3:4 a,e5',
    'deep/loop block special file 4600 0:0 7,12c',
    'null2 character special file 666 0:0 1,3',
    '../run/fifo fifo 666 0:0 0,0',
    'fd /proc/self/fd',
    'ptmx pts/ptmx',
    'stderr /proc/self/fd/2',
    'stdin /proc/self/fd/0',
    'stdout /proc/self/fd/1',
  ]);
});

test('the file tree is what crun and runc make of the same document', () => {
  using bundle = new Bundle();
  bundle.config.root['readonly'] = true;
  bundle.config.mounts.push(
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
    { destination: '/scratch', type: 'tmpfs', source: 'tmpfs', options: ['size=1m', 'nosuid'] },
    { destination: '/etc/hosts', type: 'bind', source: '/etc/hosts', options: ['rbind', 'ro'] },
  );
  Object.assign(bundle.config.linux, {
    maskedPaths: ['/proc/kcore', '/sys/firmware'],
    readonlyPaths: ['/proc/sys', '/proc/bus'],
  });
  // Ids of mounts and devices differ each time; so do the orders in which mounts are made.
  const mounts = `awk '{ for (i = 7; $i != "-"; i++); print $4, $5, $6, $(i + 1), i }' /proc/self/mountinfo | sort`;
  bundle.script(
    `${mounts}; ls -lAd /dev/* | awk '{print $1, $3, $4, $5, $6, $NF}'; stat -c '%a %n' / /dev /dev/pts /dev/shm`,
  );
  mkdirSync(`${bundle.rootfs}/proc`);
  for (const name of ['crun', 'runc'] as const)
    assert.equal(normalized(bundle.output()), normalized(bundle.output(name)), name);
});

/** Where peers differ among themselves: the mask's own source and flags, and runc's /dev/core. */
function normalized(text: string): string {
  return text
    .split('\n')
    .filter((line) => !/kcore|firmware/.test(line))
    .join('\n');
}

test('links in the root file system that lead out lead nowhere outside', () => {
  using bundle = new Bundle();
  const outside = `${bundle.folder}/outside`;
  mkdirSync(outside);
  const climbing = '../'.repeat(20);
  symlinkSync(outside, `${bundle.rootfs}/absolute`);
  symlinkSync(`${climbing}${outside.slice(1)}`, `${bundle.rootfs}/relative`);
  symlinkSync(`${outside}/new`, `${bundle.rootfs}/dangling`);
  writeFileSync(`${bundle.folder}/file`, 'bound');
  bundle.config.mounts.push(
    { destination: '/absolute/a', type: 'tmpfs', source: 'tmpfs' },
    { destination: '/relative/b', source: `${bundle.folder}/file`, options: ['bind'] },
    { destination: '/dangling', source: `${bundle.folder}/file`, options: ['bind'] },
  );
  bundle.config.linux['devices'] = [{ type: 'c', path: '/absolute/null', major: 1, minor: 3 }];
  bundle.config.process['cwd'] = '/relative/work';
  const text = bundle.script(`pwd -P; cat ${outside}/b ${outside}/new; ls ${outside}`).output();
  assert.equal(text, `${outside}/work\nboundbounda\nb\nnew\nnull\nwork\n`);
  assert.deepEqual(execFileSync('ls', ['-A', outside], { encoding: 'utf8' }), '');
});

test('proc and sysfs are only ever mounted on plain directories, and /dev may not be a link', () => {
  for (const [name, target, message] of [
    ['proc', 'etc', /\/proc in the root file system goes through a symbolic link/],
    ['sys', '/etc', /\/sys in the root file system goes through a symbolic link/],
  ] as const) {
    using bundle = new Bundle();
    symlinkSync(target, `${bundle.rootfs}/${name}`);
    const { code, stderr } = bundle.run();
    assert.equal(code, 1);
    assert.match(stderr, message);
  }
});

test('what passes for /dev/null without being it masks nothing', () => {
  using bundle = new Bundle();
  bundle.config.mounts = bundle.config.mounts.filter(
    ({ destination }) => !String(destination).startsWith('/dev'),
  );
  bundle.config.linux['maskedPaths'] = ['/proc/kcore'];
  mkdirSync(`${bundle.rootfs}/dev`);
  writeFileSync(`${bundle.rootfs}/dev/null`, '');
  const { code, stderr } = bundle.run();
  assert.equal(code, 1);
  assert.match(stderr, /The file \/dev\/null in the root file system is not the device 1:3/);
});
