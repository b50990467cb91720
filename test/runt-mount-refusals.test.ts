// Mounts that runt refuses, by the name of the field or step.

import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Bundle } from './runtime/bundle.ts';

test('a mount below /proc is refused but for the files that lxcfs covers', () => {
  using bundle = new Bundle();
  writeFileSync(`${bundle.folder}/file`, 'fake\n');
  bundle.config.mounts.push({
    destination: '/proc/uptime',
    source: `${bundle.folder}/file`,
    options: ['bind'],
  });
  assert.equal(bundle.script('cat /proc/uptime').output(), 'fake\n');
  for (const destination of ['/proc/self/attr', '/proc/sys', '/proc/../proc/sys']) {
    bundle.config.mounts[bundle.config.mounts.length - 1] = { destination, type: 'tmpfs', source: 'tmpfs' };
    const { code, stderr } = bundle.run();
    assert.equal(code, 1);
    assert.match(stderr, /mounts\[5\]\.destination/);
  }
});

test('a bundle whose root is missing, or whose bind has no source, is refused by the step’s name', () => {
  using bundle = new Bundle();
  bundle.config.mounts.push({ destination: '/x', source: '/no/such', options: ['bind'] });
  assert.match(
    bundle.run().stderr,
    /^runt: Bind \/no\/such to \/x: ENOENT, the source does not exist \(no such file or directory\)\n$/,
  );
  bundle.config.root['path'] = 'no-root';
  assert.match(
    bundle.run().stderr,
    /Mount the root file system .*\/no-root: ENOENT, the directory does not exist/,
  );
  assert.equal(statSync(bundle.rootfs).isDirectory(), true);
});
