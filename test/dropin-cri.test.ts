// Kubernetes' interface of Debian's containerd, with runt as BinaryName.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startContainerd } from './dropin/containerd.ts';
import { Pod } from './dropin/cri.ts';
import type { Field } from './dropin/protobuf.ts';

const EXITED = 2;

const containerd = await startContainerd();
const pod = await Pod.run(containerd, 'pod');
after(async () => {
  await pod.end();
  await containerd.close();
});

async function untilExited(id: string): Promise<readonly [code: number, reason: string]> {
  for (;;) {
    const status = await pod.status(id);
    if (status.number(3) === EXITED) return [status.number(7), status.text(10)];
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What a container printed, from its log (`time stream F text`). */
function logOf(number: number): string {
  const lines = readFileSync(join(containerd.folder, `logs/c${number}.log`), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) => line.split(' ').slice(3).join(' ')).join('\n');
}

test('CRI: a container runs, logs and ends with its exit code', async () => {
  const id = await pod.start({ command: ['sh', '-c', 'echo hello; exit 7'] });
  assert.deepEqual(await untilExited(id), [7, 'Error']);
  assert.equal(logOf(1), 'hello');
  const fine = await pod.start({ command: ['true'] });
  assert.deepEqual(await untilExited(fine), [0, 'Completed']);
});

test('CRI: a program that is missing fails the start with its words', async () => {
  await assert.rejects(pod.start({ command: ['nosuch'] }), /executable file not found in \$PATH/);
});

test('CRI: exec gives streams and exit code, and tells what is missing', async () => {
  const id = await pod.start({ command: ['sleep', '1000'] });
  assert.deepEqual(await pod.exec(id, 'sh', '-c', 'echo out; echo err >&2; exit 9'), [9, 'out\n', 'err\n']);
  await assert.rejects(pod.exec(id, 'nosuch'), /executable file not found in \$PATH/);
  await pod.stop(id, 0);
  assert.deepEqual(await untilExited(id), [137, 'Error']);
});

test('CRI: stop lets a program handle the signal', async () => {
  const command = ['sh', '-c', 'trap "exit 5" TERM; touch /tmp/ready; while :; do sleep 0.05; done'];
  const id = await pod.start({ command });
  while ((await pod.exec(id, 'test', '-e', '/tmp/ready'))[0] !== 0);
  await pod.stop(id, 20);
  assert.deepEqual(await untilExited(id), [5, 'Error']);
});

test('CRI: want of memory is the reason of the end', async () => {
  const resources: readonly Field[] = [[4, 20 << 20]];
  const id = await pod.start({
    command: ['sh', '-c', 'head -c 100m /dev/zero | tail; sleep 0.3; exit 137'],
    resources,
  });
  assert.deepEqual(await untilExited(id), [137, 'OOMKilled']);
});

test('CRI: mounts, user, sealed root, capabilities and the default profile hold', async () => {
  const shared = join(containerd.folder, 'shared');
  mkdirSync(shared);
  writeFileSync(join(shared, 'from-host'), 'host');
  const mount: Field = [
    7,
    [
      [1, '/x'],
      [2, shared],
    ],
  ];
  const sealed: Field = [
    7,
    [
      [1, '/sealed'],
      [2, shared],
      [3, true],
    ],
  ];
  const id = await pod.start({
    command: ['sleep', '1000'],
    fields: [mount, sealed],
    // Drops every capability, runs as jane, seals the root and wants the runtime's own profile.
    security: [
      [1, [[2, 'ALL']]],
      [5, [[1, 1000]]],
      [7, true],
      [12, [[1, 1001]]],
      [15, [[1, 0]]],
    ],
  });
  const output = async (...command: readonly string[]): Promise<string> =>
    (await pod.exec(id, ...command)).slice(1).join('');
  assert.match(await output('id'), /^uid=1000\(jane\) gid=1001\(jane\)/);
  assert.equal(await output('cat', '/x/from-host'), 'host');
  assert.match(await output('touch', '/sealed/y'), /Read-only file system/);
  assert.match(await output('touch', '/y'), /Read-only file system/);
  const status = await output('grep', '-E', '^(CapBnd|Seccomp):', '/proc/self/status');
  assert.equal(status, 'CapBnd:\t0000000000000000\nSeccomp:\t2\n');
  await pod.stop(id, 0);
});

test('CRI: resources are set and updated', async () => {
  const id = await pod.start({
    command: ['sleep', '1000'],
    resources: [
      [3, 300],
      [4, 64 << 20],
    ],
  });
  const seen = (): readonly string[] =>
    ['memory/ID/memory.limit_in_bytes', 'cpu/ID/cpu.shares'].map((file) =>
      readFileSync(`/sys/fs/cgroup/${file.replace('ID', `${containerd.namespace}/${id}`)}`, 'utf8').trim(),
    );
  assert.deepEqual(seen(), [String(64 << 20), '300']);
  await pod.call('UpdateContainerResources', [
    [1, id],
    [
      2,
      [
        [3, 400],
        [4, 128 << 20],
      ],
    ],
  ]);
  assert.deepEqual(seen(), [String(128 << 20), '400']);
  assert.equal((await pod.call('ContainerStats', [[1, id]])).message(1).message(1).text(1), id);
  await pod.stop(id, 0);
});

test('CRI: twenty containers at once', async () => {
  const numbers = Array.from({ length: 20 }, (_, index) => index);
  const crowd = await Pod.run(containerd, 'crowd');
  const ids = await Promise.all(numbers.map(() => crowd.start({ command: ['sleep', '1000'] })));
  const answers = await Promise.all(ids.map((id, number) => crowd.exec(id, 'sh', '-c', `exit ${number}`)));
  assert.deepEqual(
    answers.map(([code]) => code),
    numbers,
  );
  await crowd.end();
});
