// Debian's containerd: `ctr run --runc-binary runt`.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { outcomeOf, until } from './engine/engine.ts';
import { IMAGE, startContainerd } from './dropin/containerd.ts';
import { chosenRuntime } from './dropin/runtimes.ts';
import type { Outcome, Running } from './runtime/programs.ts';

const containerd = await startContainerd();
after(() => containerd.close());

const RUN = ['--runc-binary', chosenRuntime().path];
let count = 0;

function newId(): string {
  return `c${++count}`;
}

function run(flags: readonly string[], command: readonly string[], running?: Running): Outcome {
  return containerd.ctr(['run', '--rm', ...RUN, ...flags, IMAGE, newId(), ...command], running);
}

function ok(...args: readonly string[]): string {
  const { code, stdout, stderr } = containerd.ctr(args);
  assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
  return stdout.trimEnd();
}

/** A container that goes on, and its end. */
function start(
  flags: readonly string[],
  ...command: readonly string[]
): { readonly id: string } & Disposable {
  const id = newId();
  ok('run', '--detach', ...RUN, ...flags, IMAGE, id, ...command);
  return {
    id,
    [Symbol.dispose]: () => {
      containerd.ctr(['tasks', 'kill', '--signal', 'KILL', '--all', id]);
      ok('tasks', 'delete', '--force', id);
      ok('containers', 'delete', id);
    },
  };
}

test('ctr: run passes streams and exit code, in both directions', () => {
  const { code, stdout, stderr } = run([], ['sh', '-c', 'echo out; echo err >&2; exit 7']);
  assert.deepEqual([code, stdout], [7, 'out\n']);
  assert.match(stderr, /^err\n/);
  // The end of its input is not among what ctr passes on.
  assert.equal(run([], ['head', '-n', '1'], { input: 'through\n' }).stdout, 'through\n');
});

test('ctr: a program that is missing leaves nothing', () => {
  const { code, stderr } = run([], ['nosuch']);
  assert.equal(code, 1);
  assert.match(stderr, /executable file not found in \$PATH/);
  assert.equal(ok('tasks', 'list', '--quiet'), '');
});

test('ctr: run -t has a terminal of the caller’s size, which follows the caller’s', async () => {
  const untilSize = (size: string): string =>
    `until [ "$(stty size 2>/dev/null)" = "${size}" ]; do sleep 0.02; done`;
  const inside = `trap "echo changed" WINCH; tty; ${untilSize('33 99')}; echo ready; ${untilSize('44 99')}; exit 3`;
  const ctr = containerd.command(['run', '--rm', '-t', ...RUN, IMAGE, newId()]).join(' ');
  const script = `tty; stty rows 33 cols 99; ${ctr} sh -c '${inside}'; echo code $?`;
  const child = spawn('script', ['-qec', script, '/dev/null'], { env: { ...process.env, TERM: 'xterm' } });
  let seen = '';
  child.stdout.on('data', (chunk: Buffer) => (seen += String(chunk)));
  await until('the size', () => seen.includes('ready'));
  const [terminal = '', inner] = seen.replaceAll('\r', '').split('\n');
  assert.equal(inner, '/dev/pts/0');
  const ended = outcomeOf(child);
  assert.equal((await outcomeOf(spawn('stty', ['-F', terminal, 'rows', '44']))).code, 0);
  await ended;
  assert.match(seen.replaceAll('\r', ''), /changed\n(?:ctr: .*\n)?code 3\n$/);
});

test('ctr: exec as another user, in a directory, with its exit code', () => {
  using container = start([], 'sleep', '1000');
  const exec = (...words: readonly string[]): Outcome =>
    containerd.ctr(['tasks', 'exec', '--exec-id', newId(), ...words]);
  assert.match(exec('--user', 'jane', container.id, 'id').stdout, /^uid=1000\(jane\) gid=1001\(jane\)/);
  assert.equal(exec('--cwd', '/tmp', container.id, 'pwd').stdout, '/tmp\n');
  assert.equal(exec(container.id, 'sh', '-c', 'exit 9').code, 9);
  assert.match(exec(container.id, 'nosuch').stderr, /executable file not found in \$PATH/);
});

test('ctr: pause, resume, ps, metrics and kill', () => {
  using container = start([], 'sleep', '1000');
  const { id } = container;
  ok('tasks', 'pause', id);
  assert.match(ok('tasks', 'list'), new RegExp(`^${id} +\\d+ +PAUSED`, 'm'));
  ok('tasks', 'resume', id);
  assert.match(ok('tasks', 'list'), new RegExp(`^${id} +\\d+ +RUNNING`, 'm'));
  assert.equal(ok('tasks', 'ps', id).split('\n').length, 2);
  assert.match(ok('tasks', 'metrics', id), /^pids.current +1 /m);
  ok('tasks', 'kill', '--signal', 'KILL', id);
});

test('ctr: a signal is handled; one that comes too late finds nobody', async () => {
  using container = start(
    ['--pid-file', join(containerd.folder, 'pid')],
    'sh',
    '-c',
    'trap "exit 5" TERM; touch /tmp/ready; while :; do sleep 0.05; done',
  );
  const { id } = container;
  assert.match(
    ok('tasks', 'list'),
    new RegExp(`${id} +${readFileSync(join(containerd.folder, 'pid'), 'utf8')} `),
  );
  const isReady = (): boolean =>
    containerd.ctr(['tasks', 'exec', '--exec-id', newId(), id, 'test', '-e', '/tmp/ready']).code === 0;
  await until('the trap', isReady);
  ok('tasks', 'kill', '--signal', 'TERM', id);
  await until('its end', () => /STOPPED/.test(ok('tasks', 'list')));
  assert.match(containerd.ctr(['tasks', 'kill', id]).stderr, /process already finished: not found/);
});

test('ctr: a bind mount, --user, --read-only, --cap-drop, seccomp and limits hold', () => {
  const shared = join(containerd.folder, 'shared');
  mkdirSync(shared);
  writeFileSync(join(shared, 'from-host'), 'host');
  const bind = (options: string): readonly string[] => [
    '--mount',
    `type=bind,src=${shared},dst=/x,options=${options}`,
  ];
  const written = run(bind('rbind:rw'), ['sh', '-c', 'cat /x/from-host; echo -n inside > /x/from-inside']);
  assert.deepEqual([written.stdout, readFileSync(join(shared, 'from-inside'), 'utf8')], ['host', 'inside']);
  assert.match(run(bind('rbind:ro'), ['touch', '/x/y']).stderr, /Read-only file system/);
  assert.match(run(['--read-only'], ['touch', '/x']).stderr, /Read-only file system/);
  const status = (flags: readonly string[], field: string): string =>
    run(flags, ['grep', field, '/proc/self/status']).stdout.trimEnd();
  assert.equal(status(['--cap-drop', 'CAP_CHOWN'], 'CapBnd'), 'CapBnd:\t00000000a80425fa');
  assert.equal(status(['--seccomp'], 'Seccomp:'), 'Seccomp:\t2');
  using limited = start(['--memory-limit', '20971520', '--cpu-shares', '300'], 'sleep', '1000');
  const limit = (file: string): string =>
    readFileSync(`/sys/fs/cgroup/${file.replace('ID', `${containerd.namespace}/${limited.id}`)}`, 'utf8');
  assert.equal(limit('memory/ID/memory.limit_in_bytes'), '20971520\n');
  assert.equal(limit('cpu/ID/cpu.shares'), '300\n');
});

test('ctr: a container out of memory is killed, and an event tells of it', async () => {
  const [program = '', ...args] = containerd.command(['events']);
  const events = spawn(program, args);
  let seen = '';
  events.stdout.on('data', (chunk: Buffer) => (seen += String(chunk)));
  try {
    // The events of a container that is made tell that the listening has begun.
    await until('an event', () => run([], ['true']).code === 0 && seen.includes('/tasks/exit'));
    const { code } = run(
      ['--memory-limit', '20971520'],
      ['sh', '-c', 'head -c 100m /dev/zero | tail; sleep 0.3; exit 137'],
    );
    assert.equal(code, 137);
    await until('the event', () => seen.includes('/tasks/oom'));
  } finally {
    events.kill();
  }
});

test('ctr: twenty containers at once', async () => {
  const numbers = Array.from({ length: 20 }, (_, index) => String(index));
  const outcomes = await Promise.all(
    numbers.map((number) => {
      const [program = '', ...args] = containerd.command([
        'run',
        '--rm',
        ...RUN,
        IMAGE,
        newId(),
        'echo',
        number,
      ]);
      return outcomeOf(spawn(program, args));
    }),
  );
  assert.deepEqual(
    outcomes.map(({ code, text, stderr }) => [code, text, stderr]),
    numbers.map((number) => [0, `${number}\n`, '']),
  );
  assert.equal(ok('tasks', 'list', '--quiet'), '');
  assert.equal(ok('containers', 'list', '--quiet'), '');
});
