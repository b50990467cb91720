// Completion in bash, zsh and fish, and units for systemd, judged by these programs.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CORTEN, Engine } from './engine/engine.ts';

type Complete = (engine: Engine, ...words: readonly string[]) => readonly string[];

function shell(engine: Engine, program: string, args: readonly string[]): readonly string[] {
  const bin = join(engine.folder, 'bin');
  mkdirSync(bin, { recursive: true });
  const env = { ...engine.env, PATH: `${bin}:${engine.env['PATH']}`, HOME: engine.folder };
  try {
    symlinkSync(CORTEN, join(bin, 'corten'));
  } catch {
    // It is there from the call before.
  }
  const { status, stdout, stderr } = spawnSync(program, args, { env, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  assert.equal(stderr, '');
  return stdout.split('\n').filter((line) => line !== '');
}

const SHELLS: ReadonlyMap<string, Complete> = new Map<string, Complete>([
  [
    'bash',
    (engine, ...words) => {
      const script =
        'source <(corten completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _corten; printf "%s\\n" "${COMPREPLY[@]}"';
      return shell(engine, 'bash', ['--norc', '-c', script, 'bash', 'corten', ...words]);
    },
  ],
  [
    'zsh',
    (engine, ...words) => {
      const script = `compdef() { :; }
_files() { :; }
_describe() { local each; for each in "\${(@P)2}"; do print -r -- "\${\${each//\\\\:/=}%%:*}"; done; }
source <(corten completion zsh)
words=("$@") CURRENT=$#
_corten`;
      return shell(engine, 'zsh', ['-f', '-c', script, 'zsh', 'corten', ...words]).map((word) =>
        word.replace('=', ':'),
      );
    },
  ],
  [
    'fish',
    (engine, ...words) => {
      const script = `corten completion fish | source; complete -C '${['corten', ...words].join(' ')}'`;
      return shell(engine, 'fish', ['--no-config', '-c', script]).map((line) => line.split('\t')[0] ?? '');
    },
  ],
]);

for (const [name, complete] of SHELLS) {
  test(`${name} completes commands, flags, containers and images`, () => {
    using engine = new Engine();
    engine.ok('run', '-d', '--name', 'web-up', 'busybox', 'sleep', '1000');
    engine.ok('run', '--name', 'web-down', 'busybox', 'true');
    const sorted = (...words: readonly string[]): readonly string[] => complete(engine, ...words).toSorted();
    assert.deepEqual(sorted('unpau'), ['unpause']);
    assert.deepEqual(sorted('image', 'pru'), ['prune']);
    assert.deepEqual(sorted('logs', '--ti'), ['--timestamps']);
    assert.deepEqual(sorted('stop', 'web'), ['web-up']);
    assert.deepEqual(sorted('rm', 'web'), ['web-down', 'web-up']);
    assert.deepEqual(sorted('container', 'inspect', 'web-d'), ['web-down']);
    assert.deepEqual(sorted('run', '--rm', 'busy'), ['busybox:latest']);
    assert.ok(sorted('').includes('run'));
  });
}

test('generate systemd prints units that systemd accepts', () => {
  using engine = new Engine();
  const command = ['sh', '-c', 'echo "100% $HOME" \\ done', '', 'tab\tnew\nline'];
  engine.ok('run', '-d', '--name', 'web', '-e', 'A=b c', '-l', 'x=y', 'busybox', ...command);
  const unit = (...flags: readonly string[]): string => {
    const text = engine.ok('generate', 'systemd', ...flags);
    const path = join(engine.folder, 'unit.service');
    writeFileSync(path, text);
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', path], { encoding: 'utf8' });
    assert.deepEqual([status, stderr], [0, ''], text);
    return text;
  };
  const plain = unit('--name', 'web');
  assert.match(plain, /^# container-web\.service$/m);
  assert.match(plain, /^ExecStart=\/.*\/corten start --attach web$/m);
  assert.match(plain, /^ExecStop=-\/.*\/corten stop --time 10 web$/m);
  assert.match(plain, /^Restart=on-failure$/m);
  assert.match(plain, new RegExp(`^Environment=CORTEN_ROOT=${engine.store}$`, 'm'));
  const id = engine.ok('inspect', '-f', '{{.Id}}', 'web');
  assert.match(unit('web'), new RegExp(`start --attach ${id}$`, 'm'));
  const fresh = unit(
    '--new',
    '--name',
    '-t',
    '3',
    '--restart-policy',
    'always',
    '--after',
    'a.service',
    'web',
  );
  assert.ok(
    fresh.includes(
      'corten run --rm --name=web "--env=A=b c" --label=x=y busybox sh -c "echo \\"100%% $$HOME\\" \\\\ done" "" "tab\\x09new\\x0aline"',
    ),
    fresh,
  );
  assert.match(fresh, /^ExecStopPost=-.* rm --force web$/m);
  assert.match(fresh, /^After=a\.service$/m);
  assert.match(fresh, /^TimeoutStopSec=63$/m);
  assert.match(unit('--boot'), /start --all --filter restart-policy=always$/m);
  assert.equal(engine.call(['generate', 'systemd', '--restart-policy', 'odd', 'web']).code, 125);
  assert.equal(engine.call(['generate', 'systemd', 'absent']).code, 1);
});

test('generate systemd --files writes the unit where one is, and never over a file', () => {
  using engine = new Engine();
  engine.ok('run', '--name', 'job', 'busybox', 'true');
  const args = [
    'generate',
    'systemd',
    '--files',
    '--name',
    '--container-prefix',
    'c',
    '--separator',
    '_',
    'job',
  ];
  const run = (): ReturnType<typeof spawnSync> =>
    spawnSync(CORTEN, args, { env: engine.env, cwd: engine.folder, encoding: 'utf8' });
  assert.equal(run().stdout, `${engine.folder}/c_job.service\n`);
  assert.match(readFileSync(join(engine.folder, 'c_job.service'), 'utf8'), /^\[Service\]$/m);
  assert.notEqual(run().status, 0);
});
