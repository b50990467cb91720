// Kernel parameters: those of the container's own namespaces are set, all others refused.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Bundle, type Config } from './runtime/bundle.ts';

const PARAMETERS = {
  'net.ipv4.ip_forward': '1',
  'net/ipv4/ip_unprivileged_port_start': '80',
  'net.ipv4.ping_group_range': '0 0',
  'kernel.shmmni': '77',
  'kernel.sem': '100 200 30 40',
  'kernel.shm_rmid_forced': '1',
  'fs.mqueue.msg_max': '33',
  'kernel.domainname': 'example',
} as const;

const SCRIPT = `cd /proc/sys; cat net/ipv4/ip_forward net/ipv4/ip_unprivileged_port_start net/ipv4/ping_group_range \\
  kernel/shmmni kernel/sem kernel/shm_rmid_forced fs/mqueue/msg_max kernel/domainname | tr '\\t' ' '`;

for (const runtime of ['runt', 'runc'] as const) {
  test(`${runtime}: parameters of the container's namespaces are set, and the host's stay`, () => {
    using bundle = new Bundle();
    const before = readFileSync('/proc/sys/kernel/sem', 'utf8');
    bundle.config.linux['sysctl'] = PARAMETERS;
    bundle.script(SCRIPT);
    assert.equal(bundle.output(runtime), `${Object.values(PARAMETERS).join('\n')}\n`);
    assert.equal(readFileSync('/proc/sys/kernel/sem', 'utf8'), before);
  });
}

test('both separators, and a dot within a name', () => {
  for (const name of ['net.ipv4.conf.lo.rp_filter', 'net/ipv4/conf/lo/rp_filter']) {
    using bundle = new Bundle();
    bundle.config.linux['sysctl'] = { [name]: '2' };
    bundle.script('cat /proc/sys/net/ipv4/conf/lo/rp_filter');
    assert.equal(bundle.output(), '2\n');
  }
  for (const name of ['net.ipv4.conf.eth0/100.rp_filter', 'net/ipv4/conf/eth0.100/rp_filter']) {
    assert.match(refusal({ [name]: '1' }), /^runt: Set the kernel parameter [^ ]+ to 1: ENOENT/);
  }
});

test('parameters with a user namespace', () => {
  using bundle = new Bundle();
  bundle.config.linux.namespaces.push({ type: 'user' });
  const all = [{ containerID: 0, hostID: 0, size: 65536 }];
  Object.assign(bundle.config.linux, { uidMappings: all, gidMappings: all });
  bundle.config.linux['sysctl'] = { 'net.ipv4.ping_group_range': '0 0' };
  bundle.script("tr '\\t' ' ' < /proc/sys/net/ipv4/ping_group_range");
  const { code, stdout, stderr } = bundle.run();
  assert.deepEqual([code, stdout, stderr], [0, '0 0\n', '']);
});

function refusal(sysctl: object, change: (config: Config) => void = () => {}): string {
  using bundle = new Bundle();
  bundle.config.linux['sysctl'] = sysctl;
  change(bundle.config);
  const { code, stdout, stderr } = bundle.run();
  assert.deepEqual([code, stdout], [1, ''], stderr);
  assert.deepEqual(bundle.leftovers(), []);
  return stderr;
}

test('what would change the host is refused by its name', () => {
  for (const name of [
    'kernel.panic',
    'vm.swappiness',
    'fs.file-max',
    'kernel.shm_next_id',
    'user.max_user_namespaces',
    'kernel.core_pattern',
    'kernel/core_pattern',
    'net',
    'netx.a',
  ]) {
    const text = refusal({ [name]: '1' });
    assert.ok(
      text.includes(`The field linux.sysctl["${name}"] must be a parameter that belongs to a namespace`),
      text,
    );
  }
  for (const name of [
    'net.ipv4../../kernel.core_pattern',
    'net/../kernel/core_pattern',
    'net..a',
    'net//a',
    '',
    '.',
    'net.',
  ]) {
    assert.match(refusal({ [name]: '1' }), /must be the name of a kernel parameter|must be a parameter that/);
  }
  assert.match(
    refusal({ 'net.ipv4.ip_forward': 1 }),
    /linux\.sysctl\["net\.ipv4\.ip_forward"\] must be a text/,
  );
  assert.match(
    refusal({ 'net.ipv4.no_such': '1' }),
    /Set the kernel parameter net\.ipv4\.no_such to 1: ENOENT/,
  );
  assert.match(
    refusal({ 'net.ipv4.ip_forward': 'x' }),
    /Set the kernel parameter net\.ipv4\.ip_forward to x: EINVAL/,
  );
});

test('a parameter whose namespace is shared with the host, or that has a field of its own, is refused', () => {
  const without =
    (gone: string) =>
    ({ linux }: Config): void => {
      linux.namespaces = linux.namespaces.filter(({ type }) => type !== gone);
    };
  assert.match(
    refusal({ 'net.ipv4.ip_forward': '1' }, without('network')),
    /no network namespace is asked for/,
  );
  assert.match(refusal({ 'kernel.sem': '1 1 1 1' }, without('ipc')), /no ipc namespace is asked for/);
  assert.match(refusal({ 'fs.mqueue.msg_max': '1' }, without('ipc')), /no ipc namespace is asked for/);
  assert.match(refusal({ 'kernel.domainname': 'x' }, without('uts')), /no uts namespace is asked for/);
  assert.match(refusal({ 'kernel.hostname': 'x' }), /must be left out: the field hostname says it/);
  const text = refusal({ 'kernel.domainname': 'x' }, (config) => (config['domainname'] = 'y'));
  assert.match(text, /must be left out: the field domainname says it/);
  const own = ({ linux }: Config): void => {
    linux.namespaces = linux.namespaces.map((one) =>
      one['type'] === 'network' ? { ...one, path: `/proc/${process.pid}/ns/net` } : one,
    );
  };
  assert.match(refusal({ 'net.ipv4.ip_forward': '1' }, own), /is the caller's own network namespace/);
});
