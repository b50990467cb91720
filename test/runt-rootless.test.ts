// Containers of a user other than root, and of root in a user namespace alone.

import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Bundle, UNIFIED, type Config } from './runtime/bundle.ts';
import { OrdinaryUser } from './runtime/ordinary-user.ts';
import type { Outcome } from './runtime/programs.ts';

const RUNTIMES = ['runt', 'crun', 'runc'] as const;

/** A user with a bundle at home, whose document is what `spec --rootless` of a runtime writes, with a script. */
class User extends OrdinaryUser {
  readonly bundle = join(this.home, 'bundle');
  readonly rootfs = join(this.bundle, 'rootfs');

  constructor() {
    super();
    using model = new Bundle();
    mkdirSync(this.bundle);
    cpSync(model.rootfs, this.rootfs, { recursive: true, verbatimSymlinks: true });
    this.own(this.bundle);
  }

  spec(runtime: string): Config {
    const file = join(this.bundle, 'config.json');
    if (existsSync(file)) this.call(['rm', file]);
    const { code, stderr } = this.call([runtime, 'spec', '--rootless'], { cwd: this.bundle });
    assert.equal(code, 0, stderr);
    return JSON.parse(readFileSync(file, 'utf8')) as Config;
  }

  write(config: Config, ...args: readonly string[]): void {
    Object.assign(config.process, { terminal: false, args: ['sh', '-c', ...args] });
    writeFileSync(join(this.bundle, 'config.json'), JSON.stringify(config));
  }

  run(runtime = 'runt'): Outcome {
    return this.call([runtime, 'run', '--bundle', this.bundle, 'box']);
  }

  output(runtime = 'runt'): string {
    const { code, stdout, stderr } = this.run(runtime);
    assert.equal(code, 0, `${runtime}: ${stderr}`);
    return stdout;
  }

  ok(...words: readonly string[]): string {
    const { code, stdout, stderr } = this.call(words);
    assert.equal(code, 0, `${words.join(' ')}: ${stderr}`);
    return stdout;
  }
}

test('spec --rootless writes what runc’s does', () => {
  using user = new User();
  const [ours, theirs] = [user.spec('runt'), user.spec('runc')];
  const plain = (config: Config): object => ({
    ...config,
    ociVersion: '',
    hostname: '',
    mounts: config.mounts.map((mount) => ({
      ...mount,
      options: new Set(mount['options'] as string[] | undefined),
    })),
    linux: {
      ...config.linux,
      namespaces: new Set(config.linux.namespaces.map(({ type }) => type)),
    },
  });
  assert.deepEqual(plain(ours), plain(theirs));
});

test('a container of a user is the same in all three runtimes', () => {
  using user = new User();
  const script =
    'id -u; id -g; cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups; ls /dev; echo x >/dev/null; ' +
    'head -c 3 /dev/zero | wc -c; touch /x 2>/dev/null || echo read-only; touch /dev/shm/x && echo shm; ' +
    'ls -d /sys/class/net; ls -d /sys/fs/cgroup; ls /proc/1/cwd >/dev/null && hostname';
  const outputs = RUNTIMES.map((runtime) => {
    const config = user.spec('runc');
    config.mounts = config.mounts.filter(({ destination }) => destination !== '/dev/mqueue');
    config.linux['maskedPaths'] = ['/proc/keys'];
    user.write(config, script);
    // runc links /dev/core only where there is a /proc/kcore.
    return user.output(runtime).replace(/^core\n/m, '');
  });
  assert.match(outputs[0] ?? '', /^0\n0\n +0 +54321 +1\n +0 +54322 +1\ndeny\n/);
  assert.equal(outputs[1], outputs[0]);
  assert.equal(outputs[2], outputs[0]);
});

for (const runtime of RUNTIMES) {
  test(`${runtime}: a user makes, sees, enters, signals and removes containers`, () => {
    using user = new User();
    user.write(user.spec('runc'), 'echo begun > /dev/shm/begun; exec sleep 1000');
    user.ok(runtime, 'create', '--bundle', user.bundle, 'box');
    const { pid, status } = JSON.parse(user.ok(runtime, 'state', 'box')) as { pid: number; status: string };
    assert.equal(status, 'created');
    assert.match(readFileSync(`/proc/${pid}/status`, 'utf8'), /^Uid:\s+54321\s+54321/m);
    user.ok(runtime, 'start', 'box');
    assert.match(user.ok(runtime, 'list'), /^box +\d+ +running .*corten-user/m);
    const inside = 'id -u; hostname; for n in user pid mnt uts ipc net; do readlink /proc/self/ns/$n; done';
    const lines = user.ok(runtime, 'exec', 'box', 'sh', '-c', inside).split('\n');
    const names = ['user', 'pid', 'mnt', 'uts', 'ipc', 'net'];
    const ofInit = user.ok('sh', '-c', names.map((name) => `readlink /proc/${pid}/ns/${name}`).join(';'));
    assert.deepEqual(lines.slice(2).join('\n'), ofInit);
    assert.deepEqual(lines.slice(0, 2), ['0', 'runc']);
    assert.equal(user.call([runtime, 'exec', 'box', 'false']).code, 1);
    // Where the user may make no cgroup there is no freezer either.
    const paused = user.call([runtime, 'pause', 'box']);
    assert.notEqual(paused.code, 0);
    assert.match(paused.stderr, /cgroup/);
    user.ok(runtime, 'kill', 'box', 'KILL');
    for (let tries = 0; existsSync(`/proc/${pid}`) && tries < 100; tries++) user.ok('sleep', '0.05');
    user.ok(runtime, 'delete', 'box');
    assert.deepEqual(readdirSync(join(user.runtimeDirectory, runtime)), []);
  });
}

test('the processes of a container without a cgroup are those of its pid namespace', () => {
  using user = new User();
  user.write(user.spec('runt'), 'sleep 1000 & exec sleep 1001');
  user.ok('runt', 'run', '--detach', '--bundle', user.bundle, 'box');
  const count = (): number =>
    (JSON.parse(user.ok('runt', 'ps', '--format', 'json', 'box')) as number[]).length;
  for (let tries = 0; count() < 2 && tries < 100; tries++) user.ok('sleep', '0.05');
  assert.equal(count(), 2);
  user.ok('runt', 'delete', '--force', 'box');
  assert.equal(user.call(['runt', 'ps', 'box']).code, 1);
});

for (const runtime of RUNTIMES) {
  test(`${runtime}: more ids than the own one come from the system’s list`, () => {
    using user = new User();
    const config = user.spec('runc');
    for (const kind of ['uid', 'gid'] as const) {
      const first = { containerID: 0, hostID: user[kind], size: 1 };
      config.linux[`${kind}Mappings`] = [first, { containerID: 1, hostID: user.firstId, size: 65_536 }];
    }
    config.root['readonly'] = false;
    const capabilities = ['CAP_CHOWN', 'CAP_SETUID', 'CAP_SETGID'];
    config.process['capabilities'] = {
      bounding: capabilities,
      effective: capabilities,
      permitted: capabilities,
    };
    user.write(config, 'touch /mine /other; chown 1000:1001 /other; stat -c %u:%g /mine /other');
    assert.equal(user.output(runtime), '0:0\n1000:1001\n');
    const { uid, gid } = statSync(join(user.rootfs, 'other'));
    assert.deepEqual([uid, gid], [user.firstId + 999, user.firstId + 1000]);
    assert.equal(statSync(join(user.rootfs, 'mine')).uid, user.uid);
    config.linux['uidMappings'] = [{ containerID: 0, hostID: user.firstId + 65_530, size: 10 }];
    user.write(config, 'true');
    assert.notEqual(user.run(runtime).code, 0);
  });
}

test('ids that the system’s list does not give are refused by naming it', () => {
  using user = new User();
  const config = user.spec('runt');
  config.linux['uidMappings'] = [{ containerID: 0, hostID: 1, size: 10 }];
  user.write(config, 'true');
  const { code, stderr } = user.run();
  assert.equal(code, 1);
  assert.match(stderr, /newuidmap refused the mappings 0 1 10 with exit code 1: see \/etc\/subuid/);
  assert.deepEqual(readdirSync(join(user.runtimeDirectory, 'runt')), []);
});

test('limits are refused where the user may make no cgroup, and what says that there is none is not', () => {
  using user = new User();
  const config = user.spec('runt');
  config.linux.resources = {
    memory: { limit: -1, swap: -1 },
    pids: { limit: 0 },
    devices: [{ allow: false, access: 'rwm' }],
  };
  user.write(config, 'echo ran');
  assert.equal(user.output(), 'ran\n');
  config.linux.resources = { memory: { limit: 100_000_000 } };
  user.write(config, 'echo ran');
  const { code, stdout, stderr } = user.run();
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(
    stderr,
    /The field linux\.resources\.memory\.limit needs a cgroup, and the caller may make none/,
  );
  assert.deepEqual(readdirSync(join(user.runtimeDirectory, 'runt')), []);
});

test('what the kernel gives only to the owner of the network or to mapped groups is shown as the host has it', () => {
  using user = new User();
  const config = user.spec('runt');
  config.mounts = [
    { destination: '/proc', type: 'proc', source: 'proc' },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['newinstance', 'gid=5', 'mode=620'],
    },
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
    { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro'] },
  ];
  user.write(
    config,
    'ls /sys/class/net; grep -c " /sys sysfs ro," /proc/mounts; ls /dev/pts; ls /sys/fs/cgroup',
  );
  const shown = user.output();
  assert.match(shown, /^(?:.*\n)*lo\n/);
  assert.match(shown, /^1\nptmx\n/m);
  assert.match(shown, UNIFIED ? /^cgroup\.controllers$/m : /^memory$/m);
});

test('root of a user namespace alone makes containers without another one', () => {
  using user = new User();
  const config = user.spec('runt');
  config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'user');
  delete config.linux['uidMappings'];
  delete config.linux['gidMappings'];
  config.process['oomScoreAdj'] = 500;
  user.write(config, 'id -u; ls -l /dev/null; cat /proc/self/oom_score_adj; exec sleep 1000');
  const nested = ['unshare', '-Ur'];
  const script = `runt run --detach --bundle ${user.bundle} box >out 2>&1 </dev/null || { cat out; exit 1; }
    runt exec box sh -c 'id -u; hostname; cat /proc/self/oom_score_adj'; runt ps --format json box | wc -l
    runt delete --force box; cat out; runt list -q`;
  const { code, stdout, stderr } = user.call([...nested, 'sh', '-c', script]);
  assert.equal(code, 0, `${stdout}${stderr}`);
  assert.match(stdout, /^0\nrunt\n500\n1\n0\ncrw.* 1, +3 .*\/dev\/null\n500\n$/);
  assert.deepEqual(readdirSync(join(user.runtimeDirectory, 'runt')), []);
});

test('a folder below /tmp that others have made is not taken for the own one', () => {
  using user = new User();
  const folder = `/tmp/runt-${user.uid}`;
  const list = ['env', '-u', 'XDG_RUNTIME_DIR', 'runt', 'list', '-q'];
  try {
    assert.equal(user.call(list).code, 0);
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    const { code, stderr } = user.call(list);
    assert.equal(code, 1);
    assert.match(stderr, /The folder \/tmp\/runt-\d+ is not of user \d+ alone/);
    rmSync(folder, { recursive: true });
    symlinkSync(user.runtimeDirectory, folder);
    assert.equal(user.call(list).code, 1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
