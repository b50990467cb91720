// cp, export, commit and diff of a container in each state, and beside a stop, in a pod and out of it.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { outcomeOf, until, type Engine } from './engine/engine.ts';
import { makeBusybox } from './engine/images.ts';
import { PodEngine } from './engine/pods.ts';

const MARK = 'echo mark >/mark; echo changed >>/etc/passwd; rm -f /etc/group';

/** Its containers are made in the pod `p`, in which another one runs, or in none. */
class Place extends PodEngine {
  #isInPod = false;

  enterPod(): void {
    this.ok('pod', 'create', 'p');
    this.ok('run', '-d', '--pod', 'p', '--name', 'other', 'base', 'sleep', '1000');
    this.#isInPod = true;
  }

  protected override commandOf(args: readonly string[]): readonly [program: string, ...args: string[]] {
    const [verb = '', ...rest] = args;
    const isMaking = this.#isInPod && (verb === 'run' || verb === 'create');
    return super.commandOf(isMaking ? [verb, '--pod', 'p', ...rest] : args);
  }
}

function withBase(isInPod: boolean): Place {
  const engine = new Place();
  const folder = join(engine.folder, 'base');
  mkdirSync(folder);
  makeBusybox(folder);
  const tar = execFileSync('tar', ['-C', folder, '-cf', '-', '.'], { maxBuffer: 1 << 26 });
  const { code, stderr } = engine.call(['import', '-c', 'ENV PATH=/bin', '-', 'base'], { input: tar });
  assert.equal(code, 0, stderr);
  if (isInPod) engine.enterPod();
  return engine;
}

interface State {
  readonly name: string;
  /** Whether its program has run, so that there are changes. */
  readonly hasRun: boolean;
  /** Brings the container `c` into the state. */
  readonly enter: (engine: Engine) => Promise<void>;
}

const stateOf = (engine: Engine): string =>
  engine.ok('ps', '-a', '--filter', 'name=^c$', '--format', '{{.State}}');

const marked = (engine: Engine): Promise<unknown> =>
  until('the mark', () => engine.call(['diff', 'c']).text.includes('A /mark'));

const STATES: readonly State[] = [
  {
    name: 'created',
    hasRun: false,
    enter: async (engine) =>
      void (await outcomeOf(engine.start(['create', '--name', 'c', 'base', 'sh', '-c', MARK]))),
  },
  {
    name: 'running',
    hasRun: true,
    enter: async (engine) => {
      engine.ok('run', '-d', '--name', 'c', 'base', 'sh', '-c', `${MARK}; exec sleep 1000`);
      await marked(engine);
    },
  },
  {
    name: 'paused',
    hasRun: true,
    enter: async (engine) => {
      engine.ok('run', '-d', '--name', 'c', 'base', 'sh', '-c', `${MARK}; exec sleep 1000`);
      await marked(engine);
      engine.ok('pause', 'c');
    },
  },
  {
    name: 'exited',
    hasRun: true,
    enter: async (engine) =>
      void (await outcomeOf(engine.start(['run', '--name', 'c', 'base', 'sh', '-c', MARK]))),
  },
  {
    name: 'restarting',
    hasRun: true,
    enter: async (engine) => {
      engine.ok('run', '-d', '--restart', 'always', '--name', 'c', 'base', 'sh', '-c', `${MARK}; exit 1`);
      // Later restarts wait longer.
      await until('a few restarts', () => Number(engine.ok('inspect', '-f', '{{.RestartCount}}', 'c')) >= 3);
      await until('its waiting', () => stateOf(engine) === 'restarting');
    },
  },
];

interface Verb {
  readonly name: string;
  readonly works: (engine: Engine, state: State) => void;
}

const VERBS: readonly Verb[] = [
  {
    name: 'cp to it and from it',
    works: (engine) => {
      const [there, back] = [join(engine.folder, 'there'), join(engine.folder, 'back')];
      writeFileSync(there, 'brought');
      engine.ok('cp', there, 'c:/tmp/brought');
      engine.ok('cp', 'c:/tmp/brought', back);
      assert.equal(readFileSync(back, 'utf8'), 'brought');
    },
  },
  {
    name: 'export',
    works: (engine, { hasRun }) => {
      const file = join(engine.folder, 'out.tar');
      engine.ok('export', '-o', file, 'c');
      const list = execFileSync('tar', ['-tf', file], { encoding: 'utf8' }).split('\n');
      assert.ok(list.includes('bin/busybox'));
      assert.equal(list.includes('mark'), hasRun);
      assert.equal(list.includes('etc/group'), !hasRun);
    },
  },
  {
    name: 'commit',
    works: (engine, { hasRun }) => {
      const id = engine.ok('commit', 'c');
      const script = 'cat /mark 2>/dev/null; ls /etc/group 2>/dev/null; true';
      assert.equal(engine.ok('run', '--rm', id, 'sh', '-c', script), hasRun ? 'mark' : '/etc/group');
    },
  },
  {
    name: 'diff',
    works: (engine, { hasRun }) => {
      const lines = engine
        .ok('diff', 'c')
        .split('\n')
        .filter((line) => line !== '' && !line.includes('/tmp'));
      const expected = hasRun ? ['A /mark', 'C /etc', 'C /etc/passwd', 'D /etc/group'] : [];
      assert.deepEqual(lines.toSorted(), expected);
    },
  },
];

const PLACES: readonly (readonly [words: string, isInPod: boolean])[] = [
  ['', false],
  [' in a pod', true],
];

for (const [words, isInPod] of PLACES) {
  for (const state of STATES) {
    test(`${VERBS.map(({ name }) => name).join(', ')} work where a container${words} is ${state.name}, which it stays`, async () => {
      using engine = withBase(isInPod);
      await state.enter(engine);
      for (const { works } of VERBS) works(engine, state);
      const after = stateOf(engine);
      // One that restarts runs for moments.
      const isAsBefore = after === state.name || (state.name === 'restarting' && after === 'running');
      assert.ok(isAsBefore, after);
      leave(engine, isInPod);
    });
  }

  test(`each of them works, or says why not, while the container${words} is stopped and started`, async () => {
    using engine = withBase(isInPod);
    await race(engine);
    leave(engine, isInPod);
  });
}

function leave(engine: Engine, isInPod: boolean): void {
  engine.noteAll();
  if (isInPod) assert.equal(engine.ok('inspect', '-f', '{{.State.Status}}', 'other'), 'running');
  engine.ok(...(isInPod ? ['pod', 'rm', '-f', 'p'] : ['rm', '-f', 'c']));
  assert.deepEqual(engine.traces(), []);
}

async function race(engine: Engine): Promise<void> {
  engine.ok('run', '-d', '--name', 'c', 'base', 'sh', '-c', `${MARK}; exec sleep 1000`);
  await marked(engine);
  const file = join(engine.folder, 'file');
  writeFileSync(file, 'content');
  const commands: readonly (readonly string[])[] = [
    ['cp', file, 'c:/tmp/f'],
    ['cp', 'c:/mark', join(engine.folder, 'copied')],
    ['export', '-o', join(engine.folder, 'racing.tar'), 'c'],
    ['commit', 'c', 'racing'],
    ['diff', 'c'],
  ];
  for (let round = 0; round < 6; round++) {
    const change = round % 2 === 0 ? ['stop', '-t', '0', 'c'] : ['start', 'c'];
    const outcomes = await Promise.all([change, ...commands].map((words) => outcomeOf(engine.start(words))));
    for (const [index, { code, stderr, signal }] of outcomes.entries()) {
      assert.equal(signal, null);
      // A sentence of ours, never a fault.
      if (code !== 0)
        assert.match(stderr, /^corten: The container c .+\n$/, `${String(commands[index - 1])}: ${stderr}`);
    }
  }
  engine.ok('cp', 'c:/mark', join(engine.folder, 'last'));
  assert.equal(readFileSync(join(engine.folder, 'last'), 'utf8'), 'mark\n');
  assert.match(engine.ok('diff', 'c'), /^A \/mark$/m);
}
