// SCMP_ACT_NOTIFY: the listener's way out of the container, and what its receiver can do.

import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Bundle } from './runtime/bundle.ts';
import { allowingAll, callingBundle, compileProgram } from './runtime/confined.ts';

const MKDIR = 83;
const EXECVE = 59;
const EROFS = 30;

/** Somebody who answers calls, and notes what it is told. */
class Agent {
  readonly socket: string;
  readonly #log: string;
  readonly #process: ChildProcess;

  private constructor(folder: string, answers: readonly string[]) {
    this.socket = join(folder, 'agent.sock');
    this.#log = join(folder, 'agent.log');
    const out = openSync(this.#log, 'w');
    this.#process = spawn(compileProgram('agent'), [this.socket, ...answers], {
      detached: true,
      stdio: ['ignore', out, 'inherit'],
    });
    closeSync(out);
  }

  static async start(bundle: Bundle, ...answers: readonly string[]): Promise<Agent> {
    const agent = new Agent(bundle.folder, answers);
    await agent.heard(/^ready/);
    return agent;
  }

  get text(): string {
    return readFileSync(this.#log, 'utf8');
  }

  get states(): readonly Record<string, unknown>[] {
    return this.text
      .split('\n')
      .filter((line) => line.startsWith('state '))
      .map((line) => JSON.parse(line.slice('state '.length)) as Record<string, unknown>);
  }

  async heard(pattern: RegExp): Promise<void> {
    for (let rounds = 0; !pattern.test(this.text); rounds++) {
      assert.ok(rounds < 500, `the agent never said ${pattern}: ${this.text}`);
      await pause(10);
    }
  }

  /** With the children that answer. */
  async end(): Promise<void> {
    const { pid } = this.#process;
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    await ended;
  }
}

function notifyingBundle(names: readonly string[], ...args: readonly string[]): Bundle {
  const bundle = callingBundle(undefined, ...args);
  bundle.config.linux['seccomp'] = {
    ...allowingAll({ names, action: 'SCMP_ACT_NOTIFY' }),
    listenerPath: join(bundle.folder, 'agent.sock'),
    listenerMetadata: 'of "this" test',
  };
  bundle.config['annotations'] = { 'org.example.key': 'value' };
  return bundle;
}

for (const noNewPrivileges of [true, false]) {
  const under = noNewPrivileges ? 'with noNewPrivileges' : 'without noNewPrivileges';

  test(`the agent gets the listener with the process's state, and its answer counts, ${under}`, async () => {
    using bundle = notifyingBundle(['mkdir'], `64:${MKDIR}`, '64:39');
    bundle.config.process['noNewPrivileges'] = noNewPrivileges;
    const agent = await Agent.start(bundle, `${MKDIR}=${EROFS}`);
    try {
      const { code, stdout, stderr } = bundle.run();
      assert.deepEqual([code, stdout], [0, `${EROFS}\nok\n`], stderr);
      await agent.heard(/call/);
      const [state, ...others] = agent.states;
      assert.equal(others.length, 0);
      const { pid, state: container, ...rest } = state ?? {};
      assert.deepEqual(rest, { ociVersion: '1.0.2', fds: ['seccompFd'], metadata: 'of "this" test' });
      assert.deepEqual(container, {
        ociVersion: '1.0.2',
        id: bundle.id,
        status: 'creating',
        pid,
        bundle: bundle.path,
        annotations: { 'org.example.key': 'value' },
      });
      assert.ok(Number(pid) > 1);
    } finally {
      await agent.end();
    }
  });

  test(`even the call that executes the program can wait for the agent, ${under}`, async () => {
    const names = ['execve', 'read', 'close', 'openat', 'mmap', 'sendmsg', 'futex', 'brk', 'exit_group'];
    using bundle = notifyingBundle(names, '64:39');
    bundle.config.process['noNewPrivileges'] = noNewPrivileges;
    const agent = await Agent.start(bundle);
    try {
      const { code, stdout, stderr } = bundle.run();
      assert.deepEqual([code, stdout], [0, 'ok\n'], stderr);
      await agent.heard(new RegExp(`call ${EXECVE}\n`));
    } finally {
      await agent.end();
    }
  });

  test(`exec hands on a listener of its own, ${under}`, async () => {
    using bundle = notifyingBundle(['mkdir'], '64:39');
    bundle.config.process['noNewPrivileges'] = noNewPrivileges;
    const agent = await Agent.start(bundle, `${MKDIR}=${EROFS}`);
    try {
      bundle.start();
      const { stdout, stderr } = bundle.call(['exec', bundle.id, '/bin/calls', `64:${MKDIR}`]);
      assert.equal(stdout, `${EROFS}\n`, stderr);
      await agent.heard(/call/);
      const [ofInit, ofExec] = agent.states as { pid: number; state: { pid: number; status: string } }[];
      assert.equal(ofExec?.state.pid, ofInit?.pid);
      assert.notEqual(ofExec?.pid, ofInit?.pid);
      assert.equal(ofExec?.state.status, 'running');
    } finally {
      await agent.end();
    }
  });
}

test('the program sees nothing of how the listener left: no descriptor, no process, no thread', async () => {
  using bundle = notifyingBundle(['mkdir']);
  const agent = await Agent.start(bundle);
  try {
    bundle.script('ls /proc/1/fd /proc/1/task; echo /proc/[0-9]*; true');
    assert.match(bundle.output(), /^\/proc\/1\/fd:\n0\n1\n2\n\n\/proc\/1\/task:\n1\n\/proc\/1\n$/);
  } finally {
    await agent.end();
  }
});

test('a container that is created gets its listener when it is started', async () => {
  using bundle = notifyingBundle(['mkdir'], `64:${MKDIR}`);
  const agent = await Agent.start(bundle, `${MKDIR}=${EROFS}`);
  try {
    bundle.write();
    assert.equal(bundle.call(['create', '-b', bundle.path, bundle.id]).code, 0);
    assert.equal(bundle.call(['start', bundle.id]).code, 0);
    await agent.heard(new RegExp(`state .*\ncall ${MKDIR}`));
  } finally {
    await agent.end();
  }
});

test('once the agent is gone its calls do not exist any more', async () => {
  using bundle = notifyingBundle(['mkdir']);
  const agent = await Agent.start(bundle);
  bundle.start();
  await agent.heard(/state/);
  await agent.end();
  const { stdout } = bundle.call(['exec', bundle.id, 'sh', '-c', 'mkdir /x']);
  assert.equal(stdout, '');
  const { code, stderr } = bundle.call(['exec', bundle.id, 'true']);
  assert.equal(code, 255);
  assert.match(stderr, /linux\.seccomp\.listenerPath: failed to connect with seccomp agent .*: ECONNREFUSED/);
});

test('a container without an agent to answer is not made', () => {
  for (const path of ['/nowhere/agent.sock', '@abstract']) {
    using bundle = notifyingBundle(['mkdir'], '64:39');
    (bundle.config.linux['seccomp'] as Record<string, unknown>)['listenerPath'] = path;
    const { code, stdout, stderr } = bundle.run();
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /failed to connect with seccomp agent .*: ENOENT/);
    assert.deepEqual(bundle.leftovers(), []);
  }
});

test('a listener’s path without a call that waits is left alone', () => {
  using bundle = callingBundle({ ...allowingAll(), listenerPath: '/nowhere/agent.sock' }, '64:39');
  assert.equal(bundle.output(), 'ok\n');
});
