// Hooks: the six kinds, each in its place and time, and what they are told.

import assert from 'node:assert/strict';
import { chmodSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Bundle } from './runtime/bundle.ts';
import { logOf, setHooks, setLogging, shell, type State } from './runtime/hooks.ts';
import { RUNT, type Outcome } from './runtime/programs.ts';

const ORDER = ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'program'];

for (const runtime of ['runt', 'runc'] as const) {
  test(`${runtime}: hooks of all kinds run, in the order of a container's life`, () => {
    using bundle = new Bundle();
    setLogging(bundle, (kind) => `echo ${kind}`);
    assert.equal(bundle.output(runtime), '');
    const log = logOf(bundle);
    // The program goes on beside the hooks of poststart.
    assert.deepEqual(
      log.filter((line) => line !== 'poststart'),
      [...ORDER, 'poststop'],
    );
    assert.ok(log.includes('poststart'));
  });
}

test('hooks get the state of the container as JSON on standard input', () => {
  using bundle = new Bundle();
  bundle.config['annotations'] = { 'org.example': 'ä "x"' };
  setLogging(bundle, () => 'cat; echo');
  bundle.script('sleep 1000');
  bundle.write();
  const call = (...args: string[]): Outcome => {
    const outcome = bundle.call(args);
    assert.deepEqual([outcome.code, outcome.stderr], [0, '']);
    return outcome;
  };
  call('create', '-b', bundle.path, bundle.id);
  const { pid } = JSON.parse(call('state', bundle.id).stdout) as State;
  call('start', bundle.id);
  call('delete', '--force', bundle.id);
  const states = logOf(bundle).map((line) => JSON.parse(line) as State);
  for (const { ociVersion, id, bundle: path, annotations } of states) {
    const wanted = ['1.0.2', bundle.id, bundle.path, { 'org.example': 'ä "x"' }];
    assert.deepEqual([ociVersion, id, path, annotations], wanted);
  }
  assert.deepEqual(
    states.map((state) => [state.status, state.pid]),
    [
      ['creating', pid],
      ['creating', pid],
      ['creating', 1],
      ['created', 1],
      ['running', pid],
      ['stopped', 0],
    ],
  );
});

test('hooks of a state beyond what a pipe holds by itself get all of it', () => {
  using bundle = new Bundle();
  bundle.config['annotations'] = { long: 'x'.repeat(200_000) };
  setHooks(bundle, { createRuntime: [shell(`wc -c > ${bundle.folder}/log`)] });
  bundle.output();
  assert.ok(Number(logOf(bundle)[0]) > 200_000);
});

test('each kind runs in the namespaces that the specification gives it', () => {
  using bundle = new Bundle();
  setLogging(bundle, (kind) => `echo ${kind} $(readlink /proc/self/ns/mnt) $(readlink /proc/self/ns/uts)`);
  const log = `${bundle.folder}/log`;
  const outer = ['mnt', 'uts'].map((name) => readlinkSync(`/proc/self/ns/${name}`)).join(' ');
  bundle.script('echo program $(readlink /proc/self/ns/mnt) $(readlink /proc/self/ns/uts) >> /log');
  bundle.output();
  const seen = new Map(
    readFileSync(log, 'utf8')
      .trim()
      .split('\n')
      .map((line) => [line.split(' ', 1)[0], line.slice(line.indexOf(' ') + 1)]),
  );
  for (const kind of ['prestart', 'createRuntime', 'poststart', 'poststop'])
    assert.equal(seen.get(kind), outer);
  const inner = seen.get('program');
  assert.notEqual(inner, outer);
  for (const kind of ['createContainer', 'startContainer']) assert.equal(seen.get(kind), inner);
});

test("createContainer's hooks see the mounts below the root file system, and can add to them", () => {
  using bundle = new Bundle();
  bundle.config.root['readonly'] = true;
  const script = `pwd; grep -c " ${bundle.rootfs}/proc " /proc/self/mountinfo; mkdir made; mount -t tmpfs -o size=4k,nr_inodes=7 tmpfs made`;
  setHooks(bundle, { createContainer: [shell(`(${script}) > ${bundle.folder}/log`)] });
  bundle.script("grep ' /made ' /proc/self/mountinfo | grep -c nr_inodes=7");
  assert.equal(bundle.output(), '1\n');
  assert.deepEqual(logOf(bundle), [bundle.rootfs, '1']);
});

test("createRuntime's hooks find the container's mounts by its pid, before the root file system is sealed", () => {
  using bundle = new Bundle();
  bundle.config.root['readonly'] = true;
  const pid = `pid=$(sed 's/.*"pid":\\([0-9]*\\).*/\\1/')`;
  setHooks(bundle, {
    createRuntime: [
      shell(
        `${pid}; nsenter -t $pid -m sh -c 'mkdir ${bundle.rootfs}/made && touch ${bundle.rootfs}/made/x'`,
      ),
    ],
  });
  bundle.script('ls /made');
  assert.equal(bundle.output(), 'x\n');
});

test('startContainer runs after start, as the user of the process and under its limits', () => {
  using bundle = new Bundle();
  writeFileSync(`${bundle.folder}/log`, '');
  chmodSync(`${bundle.folder}/log`, 0o666);
  bundle.config.mounts.push({ destination: '/log', source: `${bundle.folder}/log`, options: ['bind'] });
  bundle.config.process['user'] = { uid: 7, gid: 8 };
  bundle.config.process['cwd'] = '/bin';
  setHooks(bundle, { startContainer: [shell('(id -u; pwd; grep CapEff /proc/self/status) > /log')] });
  bundle.script('sleep 1000').write();
  assert.equal(bundle.call(['create', '-b', bundle.path, bundle.id]).code, 0);
  assert.deepEqual(logOf(bundle), ['']);
  assert.equal(bundle.call(['start', bundle.id]).code, 0);
  assert.deepEqual(logOf(bundle), ['7', '/bin', 'CapEff:\t0000000000000000']);
});

test('startContainer never gets hold of the executable of runt', () => {
  using bundle = new Bundle();
  setHooks(bundle, { startContainer: [shell('cat /proc/1/exe > /copy')] });
  assert.match(bundle.run().stderr, /The hook startContainer\[0\].*\/proc\/1\/exe.*Permission denied/);
  // A hook that is a link to what executes it is that which executes it in runt's place, and no runtime.
  setHooks(bundle, { startContainer: [{ path: '/proc/self/exe', args: ['x', '--version'] }] });
  const { code, stdout, stderr } = bundle.run();
  assert.notEqual(code, 0);
  assert.ok(!`${stdout}${stderr}`.includes('spec:'), `${stdout}${stderr}`);
});

test('startContainer is under the seccomp filter of the process', () => {
  using bundle = new Bundle();
  bundle.config.linux['seccomp'] = {
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 95 }],
  };
  setHooks(bundle, { startContainer: [shell('mkdir /made')] });
  const { code, stderr } = bundle.run();
  assert.equal(code, 1);
  assert.match(stderr, /The hook startContainer\[0\], \/bin\/sh, ended with exit code 1: .*not supported/);
});

test('hooks have exactly the environment and arguments that they are given', () => {
  using bundle = new Bundle();
  const log = `${bundle.folder}/log`;
  setHooks(bundle, {
    createRuntime: [
      { path: '/usr/bin/env', env: ['ONE=1', `TWO=a b`] },
      { path: '/bin/sh', args: ['named', '-c', `tr '\\0' '\\n' < /proc/self/environ | sort > ${log}`] },
      shell(`echo $0 $1 >> ${log}`, { args: ['sh', '-c', `echo $0-$1 >> ${log}`, 'x y', 'z'] }),
    ],
  });
  bundle.output();
  assert.deepEqual(logOf(bundle), ['x y-z']);
  setHooks(bundle, {
    createRuntime: [{ path: '/bin/cp', args: ['cp', '/proc/self/environ', log], env: ['A=1', 'B='] }],
  });
  bundle.output();
  assert.equal(readFileSync(log, 'utf8'), 'A=1\0B=\0');
});

test('hooks have no descriptor but their streams', () => {
  using bundle = new Bundle();
  const log = `${bundle.folder}/log`;
  setHooks(bundle, { createRuntime: [shell(`ls /proc/self/fd > ${log}`)] });
  bundle.write();
  // ls itself opens the directory as 3.
  const args = ['run', '--preserve-fds', '1', '-b', bundle.path, bundle.id];
  assert.equal(bundle.call(args, { descriptors: [2] }).code, 0);
  assert.deepEqual(logOf(bundle), ['0', '1', '2', '3']);
});

test('hooks with a user namespace', () => {
  using bundle = new Bundle();
  bundle.config.linux.namespaces.push({ type: 'user' });
  const all = [{ containerID: 0, hostID: 0, size: 65536 }];
  Object.assign(bundle.config.linux, { uidMappings: all, gidMappings: all });
  setLogging(bundle, (kind) => `echo ${kind}`);
  bundle.script('sleep 1000').write();
  assert.equal(bundle.call(['create', '-b', bundle.path, bundle.id]).code, 0);
  assert.equal(bundle.call(['start', bundle.id]).code, 0);
  assert.equal(bundle.call(['delete', '--force', bundle.id]).code, 0);
  assert.deepEqual(logOf(bundle), [...ORDER.slice(0, 4), 'poststart', 'poststop']);
});

test('a hook of poststart may be a command that changes the container', () => {
  using bundle = new Bundle();
  const command = `${RUNT} --root ${bundle.folder}/state-runt pause ${bundle.id}`;
  setHooks(bundle, { poststart: [shell(command, { timeout: 10 })] });
  bundle.script('sleep 1000').write();
  const status = (): unknown => (JSON.parse(bundle.call(['state', bundle.id]).stdout) as State).status;
  assert.equal(bundle.call(['create', '-b', bundle.path, bundle.id]).code, 0);
  assert.deepEqual([bundle.call(['start', bundle.id]).stderr, status()], ['', 'paused']);
  assert.equal(bundle.call(['delete', '--force', bundle.id]).code, 0);
  assert.deepEqual(
    [bundle.call(['run', '-d', '-b', bundle.path, bundle.id]).stderr, status()],
    ['', 'paused'],
  );
});
