// What the container's process is when its program begins: identity, limits, capabilities, environment.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Bundle } from './runtime/bundle.ts';

const UNLIMITED = 2n ** 64n - 1n;

function outputOf(script: string, change: (bundle: Bundle) => void = () => {}): string {
  using bundle = new Bundle();
  change(bundle);
  return bundle.script(script).output().trimEnd();
}

test('run exits as its program does', () => {
  using bundle = new Bundle();
  for (const code of [0, 1, 42, 127, 255]) assert.equal(bundle.script(`exit ${code}`).run().code, code);
});

test('run exits with 128 and the signal that ended its program', () => {
  using bundle = new Bundle();
  // The first process of a pid namespace survives its own signals, so the container has none.
  bundle.config.linux.namespaces = bundle.config.linux.namespaces.filter(({ type }) => type !== 'pid');
  bundle.config.mounts = [];
  for (const [name, number] of [
    ['TERM', 15],
    ['KILL', 9],
    ['SEGV', 11],
  ] as const) {
    assert.equal(bundle.script(`kill -${name} $$`).run().code, 128 + number);
  }
});

test('standard streams go through, and 100 kB of them whole', () => {
  using bundle = new Bundle();
  const input = 'x'.repeat(100_000);
  const { code, stdout, stderr } = bundle.script('cat; echo err >&2').run({ input });
  assert.deepEqual([code, stdout.length, stderr], [0, input.length, 'err\n']);
});

test('the working directory is made if it is missing, and the program starts in it', () => {
  assert.equal(
    outputOf('pwd', ({ config }) => (config.process['cwd'] = '/srv/deep/er')),
    '/srv/deep/er',
  );
});

test('the environment is the document’s, with HOME by /etc/passwd where it is left out', () => {
  const env = ['PATH=/bin', 'A=1', 'B=x y=z', 'EMPTY='];
  const given = outputOf('env', ({ config }) => (config.process['env'] = env)).split('\n');
  assert.deepEqual(
    given.filter((line) => !/^(SHLVL|PWD|_)=/.test(line)).toSorted(),
    [...env, 'HOME=/'].toSorted(),
  );
  const kept = outputOf('echo $HOME', ({ config }) => (config.process['env'] = ['PATH=/bin', 'HOME=/own']));
  assert.equal(kept, '/own');
  const read = outputOf('echo $HOME', ({ config, rootfs }) => {
    config.process['user'] = { uid: 7, gid: 7 };
    writeFileSync(`${rootfs}/etc/passwd`, 'root:x:0:0::/root:/bin/sh\nseven:x:7:7::/home/seven:/bin/sh\n');
  });
  assert.equal(read, '/home/seven');
});

test('user, group, additional groups and umask are the document’s', () => {
  const user = { uid: 1000, gid: 2000, additionalGids: [5, 4294967294], umask: 0o27 };
  const text = outputOf('id -u; id -g; grep Groups /proc/self/status; umask', ({ config }) => {
    config.process['user'] = user;
  });
  assert.deepEqual(text.split(/\s+/), ['1000', '2000', 'Groups:', '5', '4294967294', '0027']);
  assert.equal(outputOf('umask'), '0022');
});

test('hostname and domainname are set', () => {
  const text = outputOf('hostname; cat /proc/sys/kernel/domainname', ({ config }) => {
    config['hostname'] = 'box.example';
    config['domainname'] = 'example';
  });
  assert.equal(text, 'box.example\nexample');
});

test('rlimits are exact up to 2^64-1', () => {
  using bundle = new Bundle();
  bundle.config.process['rlimits'] = [
    { type: 'RLIMIT_CORE', soft: 0, hard: 0 },
    { type: 'RLIMIT_NOFILE', soft: 1000, hard: 1001 },
    { type: 'RLIMIT_RSS', soft: '@soft', hard: '@hard' },
    { type: 'RLIMIT_FSIZE', soft: '@soft', hard: '@soft' },
  ];
  bundle
    .script('cat /proc/self/limits')
    .writeWith((text) =>
      text.replaceAll('"@soft"', String(2n ** 53n + 1n)).replaceAll('"@hard"', String(UNLIMITED)),
    );
  const { stdout, stderr } = bundle.call(['run', '-b', bundle.path, bundle.id]);
  const limit = (name: string): string | undefined =>
    new RegExp(`^${name} +(\\w+ +\\w+)`, 'm').exec(stdout)?.[1];
  assert.equal(limit('Max core file size')?.replace(/ +/, ':'), '0:0', stderr);
  assert.equal(limit('Max open files')?.replace(/ +/, ':'), '1000:1001');
  assert.equal(limit('Max resident set')?.replace(/ +/, ':'), '9007199254740993:unlimited');
  assert.equal(limit('Max file size')?.replace(/ +/, ':'), '9007199254740993:9007199254740993');
});

test('oomScoreAdj is set, and left alone where it is not given', () => {
  const script = 'cat /proc/self/oom_score_adj';
  assert.equal(
    outputOf(script, ({ config }) => (config.process['oomScoreAdj'] = 321)),
    '321',
  );
  assert.equal(outputOf(script), '0');
});

test('each of the five sets of capabilities is the document’s', () => {
  const text = outputOf('grep Cap /proc/self/status', ({ config }) => {
    config.process['capabilities'] = {
      bounding: ['CAP_CHOWN', 'CAP_KILL', 'CAP_NET_RAW', 'CAP_AUDIT_READ'],
      permitted: ['CAP_CHOWN', 'CAP_KILL', 'CAP_NET_RAW'],
      effective: ['CAP_CHOWN', 'CAP_KILL'],
      inheritable: ['CAP_KILL', 'CAP_NET_RAW'],
      ambient: ['CAP_KILL'],
    };
    config.process['user'] = { uid: 1, gid: 1 };
    config.process['noNewPrivileges'] = true;
  });
  // capabilities(7): execve gives a user that is not root the ambient set alone.
  assert.deepEqual(capabilitySets(text), {
    CapInh: 0x2020n,
    CapPrm: 0x20n,
    CapEff: 0x20n,
    CapBnd: 0x20_0000_2021n,
    CapAmb: 0x20n,
  });
});

test('without the field the process has no capability at all', () => {
  const sets = capabilitySets(outputOf('grep Cap /proc/self/status'));
  assert.deepEqual(Object.values(sets), [0n, 0n, 0n, 0n, 0n]);
});

function capabilitySets(text: string): Record<string, bigint> {
  return Object.fromEntries(
    [...text.matchAll(/^(Cap\w+):\s+([0-9a-f]+)$/gm)].map(([, name = '', bits = '']) => [
      name,
      BigInt(`0x${bits}`),
    ]),
  );
}

test('a capability that the caller lacks is left out with a warning', () => {
  using bundle = new Bundle();
  const names = ['CAP_CHOWN', 'CAP_SYS_MODULE', 'CAP_FUTURE'];
  bundle.config.process['capabilities'] = { bounding: names, permitted: names, effective: names };
  bundle.script('grep CapBnd /proc/self/status').write();
  const { code, stdout, stderr } = bundle.callWithout(['sys_module'], ['run', '-b', bundle.path, bundle.id]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /CapBnd:\t0000000000000001\n/);
  assert.match(stderr, /CAP_SYS_MODULE is left out: the caller does not have it/);
  assert.match(stderr, /CAP_FUTURE is unknown/);
});

test('noNewPrivileges is set exactly where it is asked for', () => {
  const script = 'grep NoNewPrivs /proc/self/status';
  assert.match(outputOf(script), /\t0$/);
  assert.match(
    outputOf(script, ({ config }) => (config.process['noNewPrivileges'] = true)),
    /\t1$/,
  );
});

test('the process is what crun and runc make of the same bundle', () => {
  using bundle = new Bundle();
  const names = ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'];
  Object.assign(bundle.config.process, {
    capabilities: { bounding: names, permitted: names, effective: names },
    rlimits: [{ type: 'RLIMIT_NOFILE', soft: 1024, hard: 1024 }],
    user: { uid: 3, gid: 4, additionalGids: [5, 6] },
    noNewPrivileges: true,
    cwd: '/tmp',
  });
  bundle.config['hostname'] = 'same';
  const status = "grep -E '^(Uid|Gid|Groups|Cap|NoNewPrivs|Sig[BI]|Shd|Umask|Seccomp)' /proc/self/status";
  bundle.script(
    `${status}; cat /proc/self/limits; hostname; pwd; env | sort; cat /proc/self/oom_score_adj; ulimit -a`,
  );
  const ours = bundle.output();
  assert.equal(ours, bundle.output('crun'));
  assert.equal(ours, bundle.output('runc'));
});
