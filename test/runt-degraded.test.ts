// Kernels that lack recent calls, and outer containers whose seccomp profiles refuse them: everything is as with the
// calls, or one sentence says what is missing.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { CORTEN, Engine } from './engine/engine.ts';
import { Bundle } from './runtime/bundle.ts';
import { LACKING, RECENT, REFUSALS, without, type Recent } from './runtime/degraded.ts';
import { runCommand, type Outcome } from './runtime/programs.ts';

const ALL = Object.keys(RECENT) as Recent[];
const NO_CALL_AT_ALL = without(ALL, 'ENOSYS');

/** Everything that the calls have a hand in; the program shows what has come of it. */
function richBundle(): Bundle {
  const bundle = new Bundle();
  const { config, folder, rootfs } = bundle;
  const source = join(folder, 'source');
  mkdirSync(join(source, 'below'), { recursive: true });
  writeFileSync(join(source, 'file'), 'bound');
  for (const options of [
    ['bind', 'ro'],
    ['bind', 'noexec', 'nosuid', 'nodev', 'noatime'],
    ['rbind', 'rro'],
  ]) {
    config.mounts.push({ destination: `/bound-${options.join('-')}`, source, options });
  }
  config.mounts.push(
    { destination: '/a-file', source: join(source, 'file'), options: ['bind', 'ro', 'private'] },
    { destination: '/shared', source, options: ['bind', 'shared'] },
    { destination: '/link/made', type: 'tmpfs', source: 'x', options: ['ro', 'strictatime', 'size=8k'] },
    { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro'] },
  );
  mkdirSync(join(rootfs, 'real'));
  symlinkSync('/real/../real', join(rootfs, 'link'));
  config.root['readonly'] = true;
  config.process['cwd'] = '/work/deep';
  Object.assign(config.linux, {
    maskedPaths: ['/proc/keys', '/proc/irq', '/proc/tty', '/sys/firmware'],
    readonlyPaths: ['/proc/sys', '/proc/bus', '/bound-bind-noexec-nosuid-nodev-noatime'],
    rootfsPropagation: 'slave',
    devices: [{ path: '/dev/made/fuse', type: 'c', major: 10, minor: 229, fileMode: 0o600 }],
  });
  bundle.script(
    'cat /proc/self/mountinfo; ls -l /dev /dev/made /real; ls /proc/self/fd; cat /a-file; pwd; wc -c /proc/keys; ' +
      'ls /proc/irq /proc/tty; echo x > /dev/null; touch /bound-rbind-rro/x /bound-bind-ro/x /x 2>&1; cat /proc/self/cgroup',
  );
  bundle.write();
  return bundle;
}

/** Without what differs from one container to the next: numbers of mounts and peer groups, times. */
function comparable(text: string): string {
  return (
    text
      .replace(/^\d+ \d+ \d+:\d+ /gm, '')
      // A whole file system that is read-only, where the mount alone was.
      .replace(/ - tmpfs none ro,/g, ' - tmpfs none rw,')
      .replace(/\b(shared|master|propagate_from):\d+/g, '$1')
      .replace(/ \w{3} +\d+ \d+:\d+ /g, ' ')
  );
}

function runUnder(bundle: Bundle, command: readonly string[]): Outcome {
  return bundle.callUnder(command, ['run', '--bundle', bundle.path, bundle.id]);
}

for (const refusal of Object.keys(REFUSALS) as (keyof typeof REFUSALS)[]) {
  test(`a container is the same where calls are refused with ${refusal}`, () => {
    using bundle = richBundle();
    // What is missing in the root file system is made by the first.
    bundle.call(['run', '--bundle', bundle.path, bundle.id]);
    const usual = bundle.call(['run', '--bundle', bundle.path, bundle.id]);
    assert.equal(usual.code, 0, usual.stderr);
    for (const [what, names] of LACKING) {
      const { code, stdout, stderr } = runUnder(bundle, without(names, refusal));
      assert.equal(stderr, '', what);
      assert.equal(code, 0, what);
      assert.equal(comparable(stdout), comparable(usual.stdout), what);
    }
  });

  test(`all verbs do their work where no recent call is there: ${refusal}`, () => {
    using bundle = new Bundle();
    const under = without(ALL, refusal);
    const call = (...args: readonly string[]): string => {
      const { code, stdout, stderr } = bundle.callUnder(under, args);
      assert.deepEqual([code, stderr], [0, ''], args.join(' '));
      return stdout;
    };
    bundle.script('trap "exit 7" TERM; while :; do sleep 0.01; done').write();
    call('create', '--bundle', bundle.path, bundle.id);
    assert.match(call('state', bundle.id), /"status": "created"/);
    call('start', bundle.id);
    const inside = call('exec', bundle.id, 'sh', '-c', INSIDE);
    assert.equal(inside.replace(/\d+\n$/, ''), namespacesInside(bundle).replace(/\d+\n$/, ''));
    assert.equal(call('ps', '--format', 'json', bundle.id).split(',').length, 2);
    call('pause', bundle.id);
    assert.match(call('state', bundle.id), /"status": "paused"/);
    call('resume', bundle.id);
    const refused = bundle.callUnder(under, ['delete', bundle.id]);
    assert.match(refused.stderr, /is running/);
    call('kill', bundle.id, 'USR1');
    call('delete', '--force', bundle.id);
    assert.deepEqual(bundle.leftovers(), []);
  });
}

const INSIDE = 'for n in /proc/self/ns/*; do readlink $n; done; ls /proc/self/fd; echo $$';

function namespacesInside(bundle: Bundle): string {
  return bundle.call(['exec', bundle.id, 'sh', '-c', INSIDE]).stdout;
}

test('paths of hostile images end inside the root, or where they end with the calls', () => {
  const links: readonly (readonly [name: string, target: string])[] = [
    ['proc', '/real'],
    ['up', '../../../../../../tmp'],
    ['absolute', '/etc/../../tmp/x'],
    ['loop', 'loop'],
    ['nowhere', '/made/by/nobody'],
    ['self', '/proc/self/root/tmp'],
  ];
  for (const [name, target] of links) {
    const outcomes = [[], NO_CALL_AT_ALL].map((command) => {
      using bundle = new Bundle();
      mkdirSync(join(bundle.rootfs, 'real'));
      symlinkSync(target, join(bundle.rootfs, name));
      const source = join(bundle.folder, 'source');
      mkdirSync(source);
      bundle.config.mounts.push(
        { destination: `/${name}/bound`, source, options: ['bind'] },
        { destination: `/${name}/../beside`, type: 'tmpfs', source: 'x' },
      );
      bundle.config.linux['maskedPaths'] = [`/${name}/bound`, '/proc/self/exe'];
      bundle.script('cat /proc/self/mountinfo | cut -d" " -f5; find / -xdev -name bound').write();
      const { code, stdout, stderr } =
        command.length === 0
          ? bundle.call(['run', '--bundle', bundle.path, bundle.id])
          : runUnder(bundle, command);
      return { code, stdout, stderr: stderr.replaceAll(bundle.folder, '') };
    });
    assert.deepEqual(outcomes[1], outcomes[0], name);
  }
});

test('no descriptor of the caller reaches the program, in a container without /proc too', () => {
  for (const hasProc of [true, false]) {
    using bundle = new Bundle();
    if (!hasProc) bundle.config.mounts = bundle.config.mounts.filter(({ type }) => type !== 'proc');
    const check = 'for n in 3 4 5 6 7 8 9; do (: >&$n) 2>/dev/null && echo open $n; done; echo done';
    bundle.script(check).write();
    const { stdout, stderr } = bundle.callUnder(
      ['sh', '-c', 'exec 5</ 9</ "$@" 5</ 9</', 'sh', ...NO_CALL_AT_ALL],
      ['run', '--bundle', bundle.path, bundle.id],
    );
    assert.deepEqual([stdout, stderr], ['done\n', '']);
  }
});

test('hooks and a terminal need none of the calls', () => {
  using bundle = new Bundle();
  const hook = { path: '/bin/sh', args: ['sh', '-c', `echo hook >> ${bundle.folder}/log`], timeout: 10 };
  const kinds = ['createRuntime', 'createContainer', 'poststart', 'poststop'];
  bundle.config['hooks'] = Object.fromEntries(kinds.map((kind) => [kind, [hook]]));
  bundle.config.process['terminal'] = true;
  bundle.script('tty; stat -c %t:%T /dev/console').write();
  const onTerminal = `exec script -qec "${NO_CALL_AT_ALL.join(' ')} $*" /dev/null`;
  const { code, stdout } = bundle.callUnder(
    ['env', 'SHELL=/bin/sh', 'sh', '-c', onTerminal, 'sh'],
    ['run', '--bundle', bundle.path, bundle.id],
  );
  assert.equal(code, 0, stdout);
  assert.match(stdout, /\/dev\/(console|pts\/0)\r\n88:0\r\n/);
  assert.equal(readFileSync(`${bundle.folder}/log`, 'utf8'), 'hook\n'.repeat(kinds.length));
});

const IDS = [{ containerID: 0, hostID: 100_000, size: 65_536 }];

test('in a user namespace the paths are opened by its root, which must be allowed to', () => {
  using bundle = new Bundle();
  bundle.config.linux.namespaces.push({ type: 'user' });
  Object.assign(bundle.config.linux, { uidMappings: IDS, gidMappings: IDS });
  execFileSync('chown', ['-hR', '100000:100000', bundle.rootfs]);
  for (const folder of [bundle.folder, dirname(bundle.folder)]) chmodSync(folder, 0o711);
  bundle.script('id -u; echo x > /dev/null; touch /made').write();
  const { stdout, stderr } = runUnder(bundle, NO_CALL_AT_ALL);
  assert.deepEqual([stdout, stderr], ['0\n', '']);
  chmodSync(bundle.folder, 0o700);
  const refused = runUnder(bundle, NO_CALL_AT_ALL);
  assert.match(
    refused.stderr,
    /^runt: Mount the root file system \S+: EACCES, the path must be open to the root of the container’s user namespace/,
  );
});

test('to map the ids of a bind takes the calls, and the error names them', () => {
  using bundle = new Bundle();
  const [source, options] = ['/tmp', ['bind', 'idmap']];
  bundle.config.mounts.push({ destination: '/at', source, options, uidMappings: IDS, gidMappings: IDS });
  bundle.write();
  for (const [names, missing] of [
    [ALL, 'open_tree'],
    [['mount_setattr'], 'mount_setattr'],
  ] as const) {
    const { code, stderr } = runUnder(bundle, without(names, 'ENOSYS'));
    assert.equal(code, 1);
    assert.match(
      stderr,
      new RegExp(`: ENOSYS, this kernel has no ${missing}\\(2\\), or the seccomp profile`),
    );
  }
});

test('a socket that wants a descriptor of the process hears that there are none', async () => {
  using bundle = new Bundle();
  bundle.write();
  const path = join(bundle.folder, 'socket');
  const server = createServer().listen(path);
  await once(server, 'listening');
  const command = ['run', '--pidfd-socket', path, '--bundle', bundle.path, bundle.id];
  const { code, stderr } = bundle.callUnder(without(['pidfd_open'], 'EPERM'), command);
  server.close();
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^runt: Send the descriptor of the process to the pidfd socket: ENOSYS, this kernel has no/,
  );
});

for (const refusal of Object.keys(REFUSALS) as (keyof typeof REFUSALS)[]) {
  test(`corten runs a directory without the calls or says which one it takes: ${refusal}`, () => {
    using engine = new Engine();
    using bundle = new Bundle();
    const root = bundle.rootfs;
    for (const [what, names] of LACKING) {
      const { code, stdout, stderr } = runCommand(
        [
          ...without(names, refusal),
          CORTEN,
          'run',
          '--rm',
          '-i',
          '--rootfs',
          root,
          'cat',
          '/proc/self/cgroup',
        ],
        { env: engine.env },
      );
      const isNeeded = names.includes('open_tree');
      assert.equal(code, isNeeded ? 125 : 0, `${what}: ${stderr}`);
      if (isNeeded)
        assert.match(stderr, /^corten: Root file systems are mounted by open_tree\(2\), which this kernel/);
      else assert.match(stdout, /^\d+:memory:\/$/m, what);
      assert.deepEqual(engine.traces(), [], what);
    }
  });
}
