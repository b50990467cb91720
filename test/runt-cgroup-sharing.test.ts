// A cgroup that is there before the container: somebody else's, or frozen.

import assert from 'node:assert/strict';
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Bundle, UNIFIED } from './runtime/bundle.ts';

const FREEZER = UNIFIED ? '/sys/fs/cgroup' : '/sys/fs/cgroup/freezer';
const [FILE, FREEZE] = UNIFIED ? ['cgroup.freeze', '1'] : ['freezer.state', 'FROZEN'];
const PROCESSES = UNIFIED ? 'cgroup.procs' : 'tasks';

test('a group with somebody else’s processes is shared with a warning, and nobody else dies with the container', () => {
  using bundle = new Bundle();
  bundle.start();
  for (const verb of ['run', 'create']) {
    using other = new Bundle();
    other.config.linux['cgroupsPath'] = `/${bundle.id}`;
    other.write();
    const { code, stderr } = other.call([verb, '-b', other.path, other.id]);
    assert.equal(code, 0);
    assert.match(
      stderr,
      /The container's cgroup is not empty: processes of somebody else are in \/runt-test-/,
    );
    other.call(['delete', '--force', other.id]);
    assert.equal(JSON.parse(bundle.call(['state', bundle.id]).stdout).status, 'running', verb);
  }
});

test('a group that is frozen is refused, since nothing would begin in it', () => {
  using bundle = new Bundle();
  const group = `${FREEZER}/${bundle.id}`;
  mkdirSync(group);
  try {
    writeFileSync(`${group}/${FILE}`, FREEZE);
    const { code, stderr } = bundle.run();
    assert.equal(code, 1);
    assert.match(stderr, /The cgroup .* is there already and frozen: thaw it .*unexpectedly frozen/);
  } finally {
    rmdirSync(group);
  }
});

test('a container that froze itself below its own group, or was moved and frozen, is deleted all the same', () => {
  for (const place of ['below', 'elsewhere']) {
    using bundle = new Bundle();
    bundle.start();
    const { pid } = JSON.parse(bundle.call(['state', bundle.id]).stdout) as { pid: number };
    const group = `${FREEZER}/${bundle.id}${place === 'below' ? '/below' : '-elsewhere'}`;
    mkdirSync(group);
    writeFileSync(`${group}/${PROCESSES}`, String(pid));
    writeFileSync(`${group}/${FILE}`, FREEZE);
    const { code, stderr } = bundle.call(['delete', '--force', bundle.id]);
    assert.deepEqual([code, stderr], [0, ''], place);
    if (place === 'elsewhere') rmdirSync(group);
  }
});
