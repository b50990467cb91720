// cp, export, commit and diff of a container in each state, and beside a stop.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Engine, outcomeOf, until } from './engine/engine.ts';
import { makeBusybox } from './engine/images.ts';

const MARK = 'echo mark >/mark; echo changed >>/etc/passwd; rm -f /etc/group';

function withBase(): Engine {
  const engine = new Engine();
  const folder = join(engine.folder, 'base');
  mkdirSync(folder);
  makeBusybox(folder);
  const tar = execFileSync('tar', ['-C', folder, '-cf', '-', '.'], { maxBuffer: 1 << 26 });
  const { code, stderr } = engine.call(['import', '-c', 'ENV PATH=/bin', '-', 'base'], { input: tar });
  assert.equal(code, 0, stderr);
  return engine;
}

interface State {
  readonly name: string;
  /** Whether its program has run, so that there are changes. */
  readonly hasRun: boolean;
  /** Brings the container `c` into the state. */
  readonly enter: (engine: Engine) => Promise<void>;
}

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
      await until('its waiting', () => engine.ok('ps', '-a', '--format', '{{.State}}') === 'restarting');
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

for (const state of STATES) {
  test(`${VERBS.map(({ name }) => name).join(', ')} work where a container is ${state.name}, which it stays`, async () => {
    using engine = withBase();
    await state.enter(engine);
    for (const { works } of VERBS) works(engine, state);
    const after = engine.ok('ps', '-a', '--format', '{{.State}}');
    // One that restarts runs for moments.
    const isAsBefore = after === state.name || (state.name === 'restarting' && after === 'running');
    assert.ok(isAsBefore, after);
  });
}

test('each of them works, or says why not, while the container is stopped and started', async () => {
  using engine = withBase();
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
  rmSync(file);
  engine.ok('rm', '-f', 'c');
  assert.deepEqual(engine.traces(), []);
  assert.ok(!existsSync(join(engine.store, 'containers', 'c')));
});
