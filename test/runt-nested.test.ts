// runt inside of containers, privileged, in a user namespace and with less, and in a chroot.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Bundle, cgroupsNamed, type Config } from './runtime/bundle.ts';
import { RUNT, runCommand, type Outcome } from './runtime/programs.ts';

const POWERS =
  'CHOWN DAC_OVERRIDE FOWNER SETGID SETUID SETPCAP SETFCAP KILL MKNOD SYS_ADMIN SYS_CHROOT SYS_PTRACE NET_ADMIN'
    .split(' ')
    .map((name) => `CAP_${name}`);

/** A container that runs another one, which it has in /inner. */
class Outer extends Bundle {
  readonly inner: Config;

  constructor(script: string) {
    super();
    using model = new Bundle();
    this.inner = structuredClone(model.config);
    this.inner.linux['cgroupsPath'] = `/${this.id}-inner`;
    this.inner.process['args'] = ['sh', '-c', script];
    mkdirSync(join(this.rootfs, 'inner'));
    cpSync(model.rootfs, join(this.rootfs, 'inner/rootfs'), { recursive: true, verbatimSymlinks: true });
    this.config.process['capabilities'] = { bounding: POWERS, effective: POWERS, permitted: POWERS };
    this.config.mounts.push({ destination: '/bin/runt', source: RUNT, options: ['bind', 'ro'] });
    this.config.mounts.push({
      destination: '/sys/fs/cgroup',
      type: 'cgroup',
      source: 'cgroup',
      options: ['nosuid', 'noexec', 'nodev'],
    });
  }

  /** Its ids from 100000 on. */
  mapped(): this {
    const mapping = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
    this.config.linux.namespaces.push({ type: 'user' });
    Object.assign(this.config.linux, { uidMappings: mapping, gidMappings: mapping });
    execFileSync('chown', ['-hR', '100000:100000', this.rootfs]);
    return this;
  }

  /** The same once more, for the container in it. */
  mapInner(): void {
    const mapping = [{ containerID: 0, hostID: 1000, size: 1000 }];
    this.inner.linux.namespaces.push({ type: 'user' });
    Object.assign(this.inner.linux, { uidMappings: mapping, gidMappings: mapping });
    execFileSync('chown', ['-hR', '101000:101000', join(this.rootfs, 'inner/rootfs')]);
  }

  runInner(): Outcome {
    writeFileSync(join(this.rootfs, 'inner/config.json'), JSON.stringify(this.inner));
    const then = 'runt --root /tmp/state list -q';
    this.script(`runt --root /tmp/state run --bundle /inner box; code=$?; ${then}; exit $code`);
    return this.run();
  }
}

const INNER = 'id -u; cat /proc/self/uid_map; echo x > /dev/null && [ $$ = 1 ] && echo well';

test('in a privileged container its own cgroups are used', () => {
  using outer = new Outer(`${INNER}; grep -c inner /proc/self/cgroup`);
  outer.inner.linux.namespaces = outer.inner.linux.namespaces.filter(({ type }) => type !== 'cgroup');
  const { code, stdout, stderr } = outer.runInner();
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^0\n +0 +0 +4294967295\nwell\n[1-9]\d*\n$/);
  assert.deepEqual(cgroupsNamed(`${outer.id}-inner`), []);
});

test('where cgroups are read-only there is no limit, and one that is asked for is refused', () => {
  using outer = new Outer(INNER);
  outer.config.mounts.push({ ...outer.config.mounts.pop(), options: ['ro'] });
  const { code, stdout, stderr } = outer.runInner();
  assert.equal(code, 0, stderr);
  assert.match(stdout, /well\n$/);
  outer.inner.linux.resources = { pids: { limit: 100 } };
  const refused = outer.runInner();
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /linux\.resources\.pids\.limit needs a cgroup, and the caller may make none/);
});

for (const hasOwn of [false, true]) {
  test(`in a user namespace ${hasOwn ? 'another one is made in it' : 'devices are the outer container’s'}`, () => {
    using outer = new Outer(INNER).mapped();
    if (hasOwn) outer.mapInner();
    const { code, stdout, stderr } = outer.runInner();
    assert.equal(code, 0, stderr);
    assert.match(stdout, hasOwn ? /^0\n +0 +1000 +1000\nwell\n$/ : /^0\n +0 +100000 +65536\nwell\n$/);
  });
}

test('a masked /proc of the outer container is named as what forbids another one', () => {
  using outer = new Outer(INNER).mapped();
  outer.mapInner();
  outer.config.linux['maskedPaths'] = ['/proc/keys'];
  const { code, stderr } = outer.runInner();
  assert.equal(code, 1);
  assert.match(
    stderr,
    /Mount proc on \/proc: EPERM.*the caller must see a \/proc of which an outer container masks/,
  );
});

test('in a chroot the root has to be a mount point, with and without pivot_root', () => {
  using bundle = new Bundle();
  const tree = join(bundle.folder, 'tree');
  mkdirSync(join(tree, 'inner'), { recursive: true });
  cpSync(bundle.rootfs, tree, { recursive: true, verbatimSymlinks: true });
  cpSync(bundle.rootfs, join(tree, 'inner/rootfs'), { recursive: true, verbatimSymlinks: true });
  writeFileSync(join(tree, 'bin/runt'), '');
  for (const name of ['proc', 'dev', 'sys', 'tmp']) mkdirSync(join(tree, name));
  bundle.script('[ ! -e /inner ] && echo well');
  writeFileSync(join(tree, 'inner/config.json'), JSON.stringify(bundle.config));
  const run = (before: string, ...flags: readonly string[]): Outcome => {
    const script = `${before}
      mount --bind ${RUNT} ${tree}/bin/runt && mount -t proc proc ${tree}/proc
      mount --rbind /dev ${tree}/dev && mount --rbind /sys ${tree}/sys
      PATH=/bin:/usr/sbin:/usr/bin:/sbin exec chroot ${tree} runt --root /tmp/state run ${flags.join(' ')} --bundle /inner ${bundle.id}`;
    return runCommand(['unshare', '-m', '--propagation', 'private', 'sh', '-c', script]);
  };
  for (const flags of [[], ['--no-pivot']]) {
    const { code, stdout, stderr } = run(`mount --bind ${tree} ${tree}`, ...flags);
    assert.deepEqual([code, stdout, stderr], [0, 'well\n', ''], flags.join());
    const refused = run(':', ...flags);
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      /EINVAL.*the root directory is no mount point, as in a chroot: bind it to itself/,
    );
  }
});
