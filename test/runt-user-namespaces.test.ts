// User namespaces, new and joined, and binds whose ids are mapped.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Bundle } from './runtime/bundle.ts';
import { RUNT, runCommand } from './runtime/programs.ts';

const FIRST = 100_000;
const SIZE = 65_536;

/** A bundle whose ids 0 to 65535 are the host's from 100000 on; nobody but root may enter its folder. */
class MappedBundle extends Bundle {
  constructor() {
    super();
    this.config.linux.namespaces.push({ type: 'user' });
    const mapping = [{ containerID: 0, hostID: FIRST, size: SIZE }];
    Object.assign(this.config.linux, { uidMappings: mapping, gidMappings: mapping });
    execFileSync('chown', ['-hR', `${FIRST}:${FIRST}`, this.rootfs]);
    chmodSync(this.folder, 0o700);
  }
}

test('root of a user namespace is nobody on the host, in a folder that it could not enter by itself', () => {
  using bundle = new MappedBundle();
  bundle.start();
  const { stdout } = bundle.call(['state', bundle.id]);
  const { pid } = JSON.parse(stdout) as { pid: number };
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  assert.match(status, new RegExp(`^Uid:\\s+${FIRST}\\s+${FIRST}`, 'm'));
  assert.match(status, new RegExp(`^Gid:\\s+${FIRST}\\s+${FIRST}`, 'm'));
  assert.notEqual(readlinkSync(`/proc/${pid}/ns/user`), readlinkSync('/proc/self/ns/user'));
  assert.equal(bundle.call(['exec', bundle.id, 'id', '-u']).stdout, '0\n');
  assert.equal(
    bundle.call(['exec', '--user', '5:6', bundle.id, 'sh', '-c', 'id -u; id -g']).stdout,
    '5\n6\n',
  );
  const inside = bundle.call(['exec', bundle.id, 'readlink', '/proc/self/ns/user']).stdout.trim();
  assert.equal(inside, readlinkSync(`/proc/${pid}/ns/user`));
});

for (const name of ['runt', 'crun'] as const) {
  test(`${name}: in a user namespace devices, binds, limits and masks are as without one`, () => {
    using bundle = new MappedBundle();
    const source = join(bundle.folder, 'source');
    mkdirSync(source);
    writeFileSync(join(source, 'file'), 'bound\n');
    bundle.config.mounts.push({ destination: '/bound', source, options: ['bind', 'ro'] });
    bundle.config.process['oomScoreAdj'] = 77;
    bundle.config.process['rlimits'] = [{ type: 'RLIMIT_NOFILE', soft: 321, hard: 400 }];
    Object.assign(bundle.config.linux, { maskedPaths: ['/proc/keys'], readonlyPaths: ['/proc/sys'] });
    const text = bundle
      .script(
        'cat /bound/file; touch /bound/x 2>/dev/null || echo ro; echo y > /dev/null && echo null; ' +
          'head -c 3 /dev/zero | wc -c; ulimit -n; cat /proc/self/oom_score_adj; wc -c < /proc/keys; ' +
          'touch /made && stat -c %u /made',
      )
      .output(name);
    assert.equal(text, 'bound\nro\nnull\n3\n321\n77\n0\n0\n');
  });
}

test('the namespaces of another container are joined, those of its user namespace too', () => {
  using pod = new MappedBundle();
  pod.config['hostname'] = 'pod';
  pod.start();
  const { pid } = JSON.parse(pod.call(['state', pod.id]).stdout) as { pid: number };
  using bundle = new Bundle();
  const paths = { user: 'user', network: 'net', ipc: 'ipc', uts: 'uts', pid: 'pid' };
  bundle.config.linux.namespaces = [
    ...Object.entries(paths).map(([type, file]) => ({ type, path: `/proc/${pid}/ns/${file}` })),
    { type: 'mount' },
    { type: 'cgroup' },
  ];
  execFileSync('chown', ['-hR', `${FIRST}:${FIRST}`, bundle.rootfs]);
  const files = Object.values(paths).join(' ');
  const lines = bundle
    .script(
      `for n in ${files}; do readlink /proc/self/ns/$n; done; hostname; id -u; ls /proc/1/cwd >/dev/null; echo x`,
    )
    .output()
    .split('\n');
  Object.values(paths).forEach((file, at) =>
    assert.equal(lines[at], readlinkSync(`/proc/${pid}/ns/${file}`), file),
  );
  assert.deepEqual(lines.slice(5), ['pod', '0', 'x', '']);
});

test('a namespace of the host is joined into a new user namespace', () => {
  using bundle = new MappedBundle();
  bundle.config.linux.namespaces = bundle.config.linux.namespaces.map((one) =>
    one['type'] === 'network' ? { type: 'network', path: `/proc/${process.pid}/ns/net` } : one,
  );
  // A sysfs belongs to whoever owns the network.
  bundle.config.mounts = bundle.config.mounts.filter(({ destination }) => destination !== '/sys');
  assert.equal(
    bundle.script('readlink /proc/self/ns/net').output().trim(),
    readlinkSync('/proc/self/ns/net'),
  );
});

/** The bundles lie on a tmpfs where tests run in the VM, which maps ids since Linux 6.3. */
function canMapIds(): boolean {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  return major > 6 || (major === 6 && minor >= 3);
}

function refusesToMap(bundle: Bundle): void {
  const { code, stderr } = bundle.run();
  assert.equal(code, 1);
  assert.match(stderr, /the file system there can not map ids/);
}

test('a bind with mapped ids shows them, and leaves the host’s as they are', () => {
  using bundle = new Bundle();
  const source = join(bundle.folder, 'source');
  mkdirSync(source);
  writeFileSync(join(source, 'file'), 'x');
  chownSync(join(source, 'file'), 1000, 1001);
  const uidMappings = [{ containerID: 1000, hostID: 2000, size: 10 }];
  const gidMappings = [{ containerID: 1000, hostID: 3000, size: 10 }];
  bundle.config.mounts.push({
    destination: '/bound',
    source,
    options: ['bind', 'idmap'],
    uidMappings,
    gidMappings,
  });
  bundle.script('stat -c %u:%g /bound/file');
  if (!canMapIds()) return refusesToMap(bundle);
  assert.equal(bundle.output(), '2000:3001\n');
  assert.equal(
    execFileSync('stat', ['-c', '%u:%g', join(source, 'file')], { encoding: 'utf8' }),
    '1000:1001\n',
  );
});

test('with the option alone the ids are those of the container’s user namespace', () => {
  using bundle = new MappedBundle();
  const source = join(bundle.folder, 'source');
  mkdirSync(join(source, 'below'), { recursive: true });
  bundle.config.mounts.push({ destination: '/bound', source, options: ['rbind', 'ridmap'] });
  bundle.script('stat -c %u:%g /bound; touch /bound/below/new; stat -c %u /bound/below/new');
  if (!canMapIds()) return refusesToMap(bundle);
  assert.equal(bundle.output(), '0:0\n0\n');
  assert.equal(execFileSync('stat', ['-c', '%u', join(source, 'below/new')], { encoding: 'utf8' }), '0\n');
});

test('whoever is not root runs a container with the own id mapped', () => {
  using bundle = new Bundle();
  const [uid, gid] = [12_345, 12_346];
  bundle.config.linux.namespaces.push({ type: 'user' });
  Object.assign(bundle.config.linux, {
    uidMappings: [{ containerID: 0, hostID: uid, size: 1 }],
    gidMappings: [{ containerID: 0, hostID: gid, size: 1 }],
  });
  bundle.config.mounts = bundle.config.mounts.map((mount) =>
    mount['type'] === 'devpts'
      ? { ...mount, options: (mount['options'] as string[]).filter((option) => option !== 'gid=5') }
      : mount,
  );
  bundle.script('id -u; cat /proc/self/setgroups; touch /made; echo $$');
  bundle.write();
  execFileSync('chown', ['-hR', `${uid}:${gid}`, bundle.folder]);
  const who = ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--inh-caps=-all'];
  const state = join(bundle.folder, 'state-runt');
  const { code, stdout, stderr } = runCommand([
    ...who,
    RUNT,
    '--root',
    state,
    'run',
    '-b',
    bundle.path,
    bundle.id,
  ]);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, '0\ndeny\n1\n');
  assert.equal(
    execFileSync('stat', ['-c', '%u', join(bundle.rootfs, 'made')], { encoding: 'utf8' }),
    `${uid}\n`,
  );
});

test('mappings that make no sense are refused by their field', () => {
  const cases: readonly (readonly [(bundle: MappedBundle) => void, RegExp])[] = [
    [({ config }) => delete config.linux['uidMappings'], /linux\.uidMappings must be a list of mappings/],
    [({ config }) => config.linux.namespaces.pop(), /linux\.uidMappings must be left out/],
    [
      ({ config }) => (config.linux['gidMappings'] = [{ containerID: 0, hostID: 0, size: 0 }]),
      /linux\.gidMappings\[0\]\.size must be/,
    ],
    [
      ({ config }) => config.mounts.push({ destination: '/x', type: 'tmpfs', options: ['idmap'] }),
      /mounts\[5\] maps ids, which only a bind mount can/,
    ],
    [
      ({ config }) => (config.linux['uidMappings'] = [{ containerID: 1, hostID: FIRST, size: 10 }]),
      /Become root of the user namespace: .*id 0/,
    ],
  ];
  for (const [change, pattern] of cases) {
    using bundle = new MappedBundle();
    change(bundle);
    const { code, stderr } = bundle.run();
    assert.equal(code, 1);
    assert.match(stderr, pattern);
    assert.ok(!existsSync(join(bundle.folder, 'state-runt', bundle.id)));
  }
});
