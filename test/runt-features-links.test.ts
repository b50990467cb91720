// Each name that features gives has a test that shows it: the table says which, and each test named exists.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { runCommand, RUNT } from './runtime/programs.ts';

type Id = readonly [file: string, name: string];

const REFUSED: Id = [
  'runt-refusals',
  'what is not supported yet is refused by the name of its field, never ignored',
];
const TRUTH: Id = ['runt-features', 'features tells the truth about ${name}'];
const CGROUPS: Id = ['runt-features', 'features tells the truth about cgroups and idmapped mounts'];

/** Paths in the document, each with the test of what it names; `*` stands for any entry. */
const TESTS: ReadonlyMap<string, Id> = new Map<string, Id>([
  [
    'ociVersionMin',
    ['runt-features', 'features takes no argument, and its versions are those that a document may have'],
  ],
  [
    'ociVersionMax',
    ['runt-features', 'features takes no argument, and its versions are those that a document may have'],
  ],
  ['hooks.*', ['runt-features', 'the hook ${hook} that features names is run']],
  ['mountOptions.*', ['runt-features', 'every mount option of features mounts']],
  [
    'linux.namespaces.*',
    ['runt-features', 'a container gets a namespace of the type ${type} that features names'],
  ],
  ['linux.capabilities.*', ['runt-features', 'every capability of features is known']],
  ['linux.cgroup.v1', ['runt-cgroups-v1', 'every limit of the document is in its file']],
  ['linux.cgroup.v2', ['runt-cgroups-v2', 'every limit comes out in the same files as with crun']],
  ['linux.cgroup.rdma', ['runt-cgroups-v2', 'every limit comes out in the same files as with crun']],
  ['linux.cgroup.systemd', CGROUPS],
  ['linux.cgroup.systemdUser', CGROUPS],
  ['linux.seccomp.enabled', TRUTH],
  ['linux.seccomp.actions.*', ['runt-seccomp', 'each action has its effect']],
  [
    'linux.seccomp.actions.SCMP_ACT_NOTIFY',
    ['runt-seccomp-notify', 'the agent gets the listener with the process'],
  ],
  ['linux.seccomp.operators.*', ['runt-seccomp', 'each operator compares all 64 bits']],
  [
    'linux.seccomp.operators.SCMP_CMP_MASKED_EQ',
    ['runt-seccomp', 'SCMP_CMP_MASKED_EQ compares what the mask leaves'],
  ],
  [
    'linux.seccomp.archs.*',
    ['runt-seccomp-profiles', 'architectures of other machines are named without effect'],
  ],
  ['linux.seccomp.archs.SCMP_ARCH_X86', ['runt-seccomp', '32-bit calls are judged by their own numbers']],
  [
    'linux.seccomp.archs.SCMP_ARCH_X32',
    ['runt-seccomp', 'calls of x32 are judged where the profile names it'],
  ],
  ['linux.seccomp.archs.SCMP_ARCH_X86_64', ['runt-seccomp', 'each action has its effect']],
  [
    'linux.seccomp.knownFlags.*',
    ['runt-seccomp-order', 'flags reach the kernel; without any it is SPEC_ALLOW'],
  ],
  [
    'linux.seccomp.supportedFlags.*',
    ['runt-seccomp-order', 'flags reach the kernel; without any it is SPEC_ALLOW'],
  ],
  ['linux.apparmor.enabled', TRUTH],
  ['linux.selinux.enabled', TRUTH],
  ['linux.intelRdt.enabled', TRUTH],
  ['linux.intelRdt.schemata', REFUSED],
  ['linux.intelRdt.monitoring', REFUSED],
  ['linux.netDevices.enabled', TRUTH],
  ['linux.mountExtensions.idmap.enabled', CGROUPS],
]);

/** The paths of all that the document says; an entry of a list is named by itself. */
function pathsOf(value: unknown, path: string): readonly string[] {
  if (Array.isArray(value)) return value.map((entry) => `${path}.${entry}`);
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, inner]) =>
    pathsOf(inner, path === '' ? name : `${path}.${name}`),
  );
}

const paths = pathsOf(JSON.parse(runCommand([RUNT, 'features']).stdout), '');

function keyOf(path: string): string {
  return TESTS.has(path) ? path : path.replace(/[^.]+$/, '*');
}

test('each name of features has its test', () => {
  assert.ok(paths.length > 150);
  assert.deepEqual(
    paths.filter((path) => !TESTS.has(keyOf(path))),
    [],
  );
});

test('each test of the table exists, and no line of it is for a name that features does not give', () => {
  const used = new Set(paths.map(keyOf));
  for (const [path, [file, name]] of TESTS) {
    assert.ok(used.has(path), path);
    const source = readFileSync(new URL(`${file}.test.ts`, import.meta.url), 'utf8');
    assert.ok(
      [`test('${name}`, `test(\`${name}`].some((start) => source.includes(start)),
      `${file}: ${name}`,
    );
  }
});
