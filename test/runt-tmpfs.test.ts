// A tmpfs over something of the image: its permissions, and with tmpcopyup its content.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Bundle } from './runtime/bundle.ts';

for (const runtime of ['runt', 'runc'] as const) {
  test(`${runtime}: a tmpfs has the permissions of the directory below it, unless its options say others`, () => {
    using bundle = new Bundle();
    mkdirSync(`${bundle.rootfs}/there`);
    chmodSync(`${bundle.rootfs}/there`, 0o710);
    bundle.config.mounts.push(
      { destination: '/there', type: 'tmpfs', source: 'tmpfs' },
      { destination: '/new', type: 'tmpfs', source: 'tmpfs' },
      { destination: '/said', type: 'tmpfs', source: 'tmpfs', options: ['mode=0444'] },
    );
    bundle.script('stat -c %a /there /new /said');
    assert.equal(bundle.output(runtime), '710\n1777\n444\n');
  });

  test(`${runtime}: tmpcopyup fills it with what is below it`, () => {
    using bundle = new Bundle();
    const at = `${bundle.rootfs}/data`;
    mkdirSync(`${at}/inner`, { recursive: true });
    writeFileSync(`${at}/inner/file`, 'x'.repeat(300_000));
    chownSync(`${at}/inner/file`, 5, 6);
    chmodSync(`${at}/inner/file`, 0o4751);
    chmodSync(`${at}/inner`, 0o750);
    symlinkSync('/etc/no/where', `${at}/link`);
    bundle.config.mounts.push({
      destination: '/data',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['tmpcopyup'],
    });
    bundle.script(
      'cd /data; stat -c "%n %a %u %g %s" inner/file; stat -c "%a" inner; readlink link; touch more; ls',
    );
    assert.equal(
      bundle.output(runtime),
      'inner/file 4751 5 6 300000\n750\n/etc/no/where\ninner\nlink\nmore\n',
    );
    assert.equal(execFileSync('ls', [at], { encoding: 'utf8' }), 'inner\nlink\n');
  });
}

test('tmpcopyup into a tmpfs that is read-only, with attributes, and without what could be misused', () => {
  using bundle = new Bundle();
  const at = `${bundle.rootfs}/data`;
  mkdirSync(at);
  writeFileSync(`${at}/file`, 'content');
  chmodSync(`${at}/file`, 0o2755);
  execFileSync('mkfifo', ['-m', '640', `${at}/fifo`]);
  execFileSync('mknod', [`${at}/device`, 'c', '1', '3']);
  execFileSync('setfattr', ['-n', 'trusted.example', '-v', 'value', `${at}/file`]);
  const options = ['tmpcopyup', 'ro', 'mode=700'];
  bundle.config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'tmpfs', options });
  bundle.config.process['args'] = ['sleep', '1000'];
  bundle.start();
  const exec = (script: string): string => {
    const { stdout, stderr } = bundle.call(['exec', bundle.id, 'sh', '-c', script]);
    return stdout + stderr;
  };
  assert.equal(
    exec('ls /data; stat -c "%a %F" /data/fifo; stat -c %a /data/file; cat /data/file'),
    'fifo\nfile\n640 fifo\n2755\ncontent',
  );
  assert.match(exec('touch /data/new'), /Read-only file system/);
  const { pid } = JSON.parse(bundle.call(['state', bundle.id]).stdout) as { pid: number };
  const read = ['getfattr', '--only-values', '-n', 'trusted.example', `/proc/${pid}/root/data/file`];
  assert.equal(execFileSync(read[0] ?? '', read.slice(1), { encoding: 'utf8', stdio: 'pipe' }), 'value');
});

test('tmpcopyup of a directory that is missing makes an empty one; where a link leads to it, it is that which is copied', () => {
  using bundle = new Bundle();
  writeFileSync(`${bundle.rootfs}/etc/inside`, '');
  symlinkSync('/etc', `${bundle.rootfs}/link`);
  for (const destination of ['/missing', '/link']) {
    bundle.config.mounts.push({ destination, type: 'tmpfs', source: 'tmpfs', options: ['tmpcopyup'] });
  }
  bundle.script('ls /missing; ls /etc');
  assert.equal(bundle.output(), 'inside\n');
});

test('tmpcopyup is for a tmpfs', () => {
  for (const mount of [
    { destination: '/x', source: '/etc', options: ['bind', 'tmpcopyup'] },
    { destination: '/x', type: 'sysfs', options: ['tmpcopyup'] },
  ]) {
    using bundle = new Bundle();
    bundle.config.mounts.push(mount);
    const { code, stderr } = bundle.run();
    assert.equal(code, 1);
    assert.match(stderr, /The option tmpcopyup of mounts\[5\]\.options is for a tmpfs alone/);
  }
});
