// New namespaces, and those of somebody else by path.

import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { Bundle } from './runtime/bundle.ts';

const FILES = { pid: 'pid', network: 'net', ipc: 'ipc', uts: 'uts', mount: 'mnt', cgroup: 'cgroup' } as const;
type Type = keyof typeof FILES;
const TYPES = Object.keys(FILES) as Type[];
const SHOW = `for n in ${TYPES.map((type) => FILES[type]).join(' ')}; do readlink /proc/self/ns/$n; done`;

function own(type: Type): string {
  return readlinkSync(`/proc/self/ns/${FILES[type]}`);
}

test('each namespace that is asked for is new, and no other', () => {
  using bundle = new Bundle();
  for (const left of [[], ['cgroup'], ['network', 'uts', 'ipc']] as readonly Type[][]) {
    bundle.config.linux.namespaces = TYPES.filter((type) => !left.includes(type)).map((type) => ({ type }));
    // A sysfs can be mounted only by whoever owns the network namespace it shows: root of the host does.
    const seen = bundle.script(SHOW).output().trimEnd().split('\n');
    TYPES.forEach((type, index) =>
      assert.equal(seen[index] === own(type), left.includes(type), `${type} without ${left.join()}`),
    );
  }
});

test('without a pid namespace the container is among the host’s processes', () => {
  using bundle = new Bundle();
  bundle.config.linux.namespaces = bundle.config.linux.namespaces.filter(({ type }) => type !== 'pid');
  assert.equal(bundle.script('test $$ -gt 2 && echo high').output(), 'high\n');
});

test('a new pid namespace starts at 1, a new network has its loopback up, a new cgroup namespace its root', () => {
  using bundle = new Bundle();
  const text = bundle
    .script(
      'echo $$; ifconfig lo | grep -o "UP LOOPBACK"; grep -E ":memory:|^0:" /proc/self/cgroup | cut -d: -f3 | head -n1',
    )
    .output();
  assert.equal(text, '1\nUP LOOPBACK\n/\n');
});

test('namespaces are joined by path', async () => {
  const { holder, pid } = await startHolder();
  try {
    using bundle = new Bundle();
    const joined: readonly Type[] = ['network', 'ipc', 'uts', 'pid', 'cgroup'];
    bundle.config.linux.namespaces = TYPES.map((type) =>
      joined.includes(type) ? { type, path: `/proc/${pid}/ns/${FILES[type]}` } : { type },
    );
    const lines = bundle
      .script(`${SHOW}; hostname; test $$ -gt 1 && echo joined`)
      .output()
      .trimEnd()
      .split('\n');
    for (const type of joined)
      assert.equal(lines[TYPES.indexOf(type)], readlinkSync(`/proc/${pid}/ns/${FILES[type]}`), type);
    assert.notEqual(lines[TYPES.indexOf('mount')], own('mount'));
    assert.deepEqual(lines.slice(-2), ['holder', 'joined']);
  } finally {
    holder.kill('SIGKILL');
  }
});

test('a mount namespace is joined by path, and the root is the document’s', async () => {
  const { holder, pid } = await startHolder();
  try {
    using bundle = new Bundle();
    bundle.config.linux.namespaces = [{ type: 'mount', path: `/proc/${pid}/ns/mnt` }, { type: 'pid' }];
    const text = bundle.script('readlink /proc/self/ns/mnt; ls /bin/busybox').output();
    assert.equal(text, `${readlinkSync(`/proc/${pid}/ns/mnt`)}\n/bin/busybox\n`);
  } finally {
    holder.kill('SIGKILL');
  }
});

test('a path that is no namespace, or one of another kind, is refused by its step', () => {
  using bundle = new Bundle();
  for (const [path, message] of [
    ['/proc/self/ns/nothing', /Join the network namespace \/proc\/self\/ns\/nothing: ENOENT/],
    ['/proc/self/ns/uts', /Join the network namespace \/proc\/self\/ns\/uts: EINVAL/],
    ['/etc/passwd', /Join the network namespace \/etc\/passwd: EINVAL/],
  ] as const) {
    bundle.config.linux.namespaces = [{ type: 'mount' }, { type: 'network', path }];
    const { code, stderr } = bundle.run();
    assert.equal(code, 1);
    assert.match(stderr, message);
  }
});

interface Holder {
  readonly holder: ChildProcess;
  /** Of the first process in the namespaces. */
  readonly pid: number;
}

/** A process in namespaces of its own. */
async function startHolder(): Promise<Holder> {
  const flags = [
    '-m',
    '-u',
    '-i',
    '-n',
    '-p',
    '-C',
    '--fork',
    '--kill-child',
    '--mount-proc',
    '--propagation',
    'private',
  ];
  const holder = spawn('unshare', [...flags, 'sh', '-c', 'hostname holder; echo up; exec sleep 100'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => holder.stdout.once('data', resolve));
  const children = `/proc/${holder.pid}/task/${holder.pid}/children`;
  assert.ok(existsSync(children));
  return { holder, pid: Number(readFileSync(children, 'utf8').trim()) };
}
