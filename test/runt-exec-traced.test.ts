// exec into a container that may trace other processes, where the stub makes the process.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { allowingAll, rule } from './runtime/confined.ts';
import { Bundle } from './runtime/bundle.ts';
import { RUNT, runCommand } from './runtime/programs.ts';

const CAPABILITIES = ['CAP_SYS_PTRACE', 'CAP_KILL'];

/** Running, its processes able to trace. */
function traced(change: (bundle: Bundle) => void = () => undefined): Bundle {
  const bundle = new Bundle();
  bundle.config.process['capabilities'] = {
    bounding: CAPABILITIES,
    permitted: CAPABILITIES,
    effective: CAPABILITIES,
  };
  change(bundle);
  bundle.start();
  return bundle;
}

test('exec exits as its program does, in every namespace and cgroup of the container, as leader of a session', () => {
  using bundle = traced();
  const exec = (...words: readonly string[]): ReturnType<Bundle['call']> => bundle.call(['exec', ...words]);
  assert.equal(exec(bundle.id, 'sh', '-c', 'exit 7').code, 7);
  assert.equal(exec(bundle.id, 'sh', '-c', 'kill -9 $$').code, 137);
  const names = 'pid mnt net uts ipc cgroup';
  const script = `for n in ${names}; do test $(readlink /proc/1/ns/$n) = $(readlink /proc/$$/ns/$n) || echo $n; done
    test "$(cat /proc/1/cgroup)" = "$(cat /proc/$$/cgroup)" || echo cgroup; cut -d" " -f5,6 /proc/$$/stat; echo $$; ls /proc/$$/fd; true`;
  const lines = exec(bundle.id, 'sh', '-c', script).stdout.trim().split('\n');
  assert.deepEqual(lines, [`${lines[1]} ${lines[1]}`, lines[1], '0', '1', '2']);
  assert.match(exec('--user', '5:6', bundle.id, 'id').stdout, /^uid=5 gid=6/);
  assert.match(exec('--user', '5:6', bundle.id, 'grep', 'CapEff', '/proc/self/status').stdout, /\t0{16}\n/);
});

test('the pid file names the program’s process, which outlives a detached exec', () => {
  using bundle = traced();
  const file = `${bundle.folder}/pid`;
  assert.equal(bundle.call(['exec', '-d', '--pid-file', file, bundle.id, 'sleep', '1000']).code, 0);
  const pid = readFileSync(file, 'utf8');
  assert.equal(readFileSync(`/proc/${pid}/comm`, 'utf8'), 'sleep\n');
});

test('what cannot be executed is refused, and nothing is left', () => {
  using bundle = traced();
  const { code, stderr } = bundle.call(['exec', bundle.id, 'nowhere']);
  assert.equal(code, 255);
  assert.match(stderr, /The program nowhere is not found in PATH/);
  assert.equal(bundle.call(['exec', '--pid-file', '/no/such', bundle.id, 'sleep', '1000']).code, 255);
  assert.equal(bundle.call(['ps', '--format', 'json', bundle.id]).stdout.split(',').length, 1);
});

test('the container’s filter is over it, with and without noNewPrivileges', () => {
  for (const noNewPrivileges of [true, false]) {
    using bundle = traced(({ config }) => {
      config.process['noNewPrivileges'] = noNewPrivileges;
      config.linux['seccomp'] = allowingAll(rule('mkdir', 'ERRNO', { errnoRet: 5 }));
    });
    const { stderr } = bundle.call(['exec', bundle.id, 'mkdir', '/x']);
    assert.match(stderr, /Input\/output error/);
    const { stdout } = bundle.call(['exec', bundle.id, 'grep', '-E', 'CapEff|Seccomp:', '/proc/self/status']);
    assert.equal(stdout, 'CapEff:\t0000000000080020\nSeccomp:\t2\n');
  }
});

test('a terminal controls it', () => {
  using bundle = traced();
  const command = `${RUNT} --root ${bundle.folder}/state-runt exec -t ${bundle.id} sh -c 'tty; echo >/dev/tty yes; exit 4'`;
  const { code, stdout } = runCommand(['script', '-qec', command, '/dev/null']);
  assert.match(stdout.replaceAll('\r', ''), /\/dev\/pts\/0\nyes\n/);
  assert.equal(code, 4);
});

test('so it is in a container that shares the pid namespace of another', () => {
  using first = new Bundle();
  first.start();
  const { pid } = JSON.parse(first.call(['state', first.id]).stdout) as { pid: number };
  using bundle = new Bundle();
  bundle.config.linux.namespaces = bundle.config.linux.namespaces.map((namespace) =>
    namespace['type'] === 'pid' ? { type: 'pid', path: `/proc/${pid}/ns/pid` } : namespace,
  );
  bundle.start();
  assert.equal(bundle.call(['exec', bundle.id, 'sh', '-c', 'readlink /proc/1/exe; exit 3']).code, 3);
});
