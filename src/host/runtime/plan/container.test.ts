import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Spec } from '../../../pure/spec/runtime.ts';
import { DEFAULT_CONFIG } from '../default-spec.ts';
import { parseSpec } from '../spec.ts';
import type { Hierarchy } from '../cgroup/hierarchies.ts';
import { planContainer, type ContainerPlan } from './container.ts';
import { titleOf } from './step-titles.chunk.ts';

const HIERARCHIES = [
  { version: 1, controllers: ['cpu', 'cpuacct'], mountPoint: '/sys/fs/cgroup/cpu,cpuacct' },
  { version: 1, controllers: ['memory'], mountPoint: '/sys/fs/cgroup/memory' },
  { version: 1, controllers: ['devices'], mountPoint: '/sys/fs/cgroup/devices' },
] as const;
const EVERYTHING = [0xffffffff, 0x1ff] as const;

function defaultSpec(): Spec {
  return parseSpec(JSON.stringify(DEFAULT_CONFIG));
}

function plan(spec: Spec, hierarchies: readonly Hierarchy[] = HIERARCHIES): ContainerPlan {
  const request = { id: 'box', bundle: '/bundle', spec, isPivot: true, hasNewKeyring: true };
  return planContainer(request, { hierarchies, permitted: EVERYTHING });
}

test('planContainer() of the default document is this list of steps', () => {
  assert.deepEqual(plan(defaultSpec()).steps.map(titleOf), [
    'Make a session keyring',
    'Raise the loopback interface',
    'Set the hostname to runt',
    'Mount the root file system /bundle/rootfs',
    'Mount proc on /proc',
    'Mount tmpfs on /dev',
    'Mount devpts on /dev/pts',
    'Mount tmpfs on /dev/shm',
    'Mount mqueue on /dev/mqueue',
    'Mount sysfs on /sys',
    'Mount the cgroups on /sys/fs/cgroup',
    'Make the devices',
    'Make the links in /dev',
    'Open the console',
    ...['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'].map(
      (path) => `Make the path ${path} read-only`,
    ),
    ...defaultSpec().linux.maskedPaths.map((path) => `Mask the path ${path}`),
    'Make the root file system read-only',
    'Join the cgroups',
    'Change the root directory',
  ]);
});

test('planContainer() joins the cgroups before a mount namespace of somebody else hides them', () => {
  const spec = defaultSpec();
  const namespaces = [{ type: 'mount', path: '/proc/1/ns/mnt' }, { type: 'cgroup' }] as const;
  const titles = plan({ ...spec, linux: { ...spec.linux, namespaces } }).steps.map(titleOf);
  assert.deepEqual(titles.slice(2, 5), [
    'Join the cgroups',
    'Make a cgroup namespace',
    'Join the mount namespace /proc/1/ns/mnt',
  ]);
});

test('planContainer() writes each limit into the hierarchy of its controller, and device rules in their order', () => {
  const spec = defaultSpec();
  const resources = { ...spec.linux.resources, cpu: { shares: 7 }, memory: { limit: 5n } };
  const { cgroups } = plan({ ...spec, linux: { ...spec.linux, cgroupsPath: '/a/b', resources } });
  assert.deepEqual(
    cgroups.map(({ directory }) => directory),
    ['/sys/fs/cgroup/cpu,cpuacct/a/b', '/sys/fs/cgroup/memory/a/b', '/sys/fs/cgroup/devices/a/b'],
  );
  const [cpu, memory, devices] = cgroups.map(({ limits }) =>
    limits.map(({ file, value }) => `${file} ${value}`),
  );
  assert.deepEqual(cpu, ['cpu.shares 7']);
  assert.deepEqual(memory, ['memory.limit_in_bytes 5']);
  assert.deepEqual(devices?.slice(0, 3), [
    'devices.deny a',
    'devices.allow c *:* m',
    'devices.allow b *:* m',
  ]);
});

test('planContainer() refuses a limit whose controller is not mounted', () => {
  const spec = defaultSpec();
  const resources = { ...spec.linux.resources, pids: { limit: 5 } };
  assert.throws(() => plan({ ...spec, linux: { ...spec.linux, resources } }), {
    code: 'RUNTIME_CGROUP_MISSING',
    message: /linux\.resources\.pids\.limit needs the cgroup v1 controller pids/,
  });
});

test('planContainer() is data: the same twice, and nothing of it is a function', () => {
  const text = (): string =>
    JSON.stringify(plan(defaultSpec()), (_, value: unknown) =>
      typeof value === 'bigint' ? `${value}` : value,
    );
  assert.equal(text(), text());
  assert.ok(
    !plan(defaultSpec()).steps.some((step) =>
      Object.values(step).some((value) => typeof value === 'function'),
    ),
  );
});
