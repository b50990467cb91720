// A container that watches the runtime at work in a pid namespace that both can see: nothing of it is open to it.

import assert from 'node:assert/strict';
import { copyFileSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Bundle } from './runtime/bundle.ts';
import { compileProgram } from './runtime/confined.ts';

/** CAP_SYS_ADMIN is not among them: since Linux 6.15 it opens the environment of any process of its user namespace. */
const USUAL = [
  'CAP_KILL',
  'CAP_CHOWN',
  'CAP_SETUID',
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_NET_ADMIN',
];
const ENV = { ...process.env, MARKER: 'of the caller' };
const SECONDS = 3;

/** A container whose program watches all others for some seconds. */
function spyWith(capabilities: readonly string[]): Bundle {
  const spy = new Bundle();
  copyFileSync(compileProgram('spy'), `${spy.rootfs}/bin/spy`);
  spy.config.process['capabilities'] = {
    bounding: capabilities,
    permitted: capabilities,
    effective: capabilities,
  };
  spy.script(`exec /bin/spy ${SECONDS} > /seen`).write();
  assert.equal(spy.call(['run', '-d', '-b', spy.path, spy.id]).code, 0);
  return spy;
}

/** Does something as long as the spy looks; what it saw. */
function seenDuring(spy: Bundle, action: () => void): string {
  for (let round = 0; spy.call(['state', spy.id]).stdout.includes('"running"'); round++) action();
  return readFileSync(`${spy.rootfs}/seen`, 'utf8');
}

test('CVE-2016-9962, CVE-2019-5736: nothing of an exec is open to the container that it enters', () => {
  using spy = spyWith(USUAL);
  const seen = seenDuring(spy, () => spy.call(['exec', spy.id, 'true'], { env: ENV }));
  assert.equal(seen, '');
});

test('nothing of an exec is open to a container that may trace others', () => {
  using spy = spyWith([...USUAL, 'CAP_SYS_PTRACE']);
  const seen = seenDuring(spy, () => spy.call(['exec', spy.id, 'true'], { env: ENV }));
  assert.equal(seen, '');
});

test('nothing of a container that is made is open to another one of the same pid namespace', () => {
  using spy = spyWith(USUAL);
  const { pid } = JSON.parse(spy.call(['state', spy.id]).stdout) as { pid: number };
  using bundle = new Bundle();
  bundle.config.linux.namespaces = bundle.config.linux.namespaces.map((namespace) =>
    namespace['type'] === 'pid' ? { type: 'pid', path: `/proc/${pid}/ns/pid` } : namespace,
  );
  const seen = seenDuring(spy, () => bundle.run({ env: ENV }));
  assert.equal(seen, '');
});
