import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Engine, outcomeOf, until } from './engine/engine.ts';

test('--cidfile gets the ID, must be new, and goes where nothing runs', () => {
  using engine = new Engine();
  const file = join(engine.folder, 'cid');
  const id = engine.ok('run', '-d', '--cidfile', file, 'busybox', 'sleep', '1000');
  assert.equal(readFileSync(file, 'utf8'), id);
  const again = engine.call(['run', '--cidfile', file, 'busybox', 'true']);
  assert.deepEqual([again.code, /cid of --cidfile is there already/.test(again.stderr)], [125, true]);
  assert.equal(readFileSync(file, 'utf8'), id);
  const other = join(engine.folder, 'other');
  assert.equal(engine.call(['run', '--cidfile', other, 'busybox', 'nosuch']).code, 127);
  assert.equal(engine.call(['run', '--cidfile', other, '--pull=never', 'absent']).code, 125);
  const made = engine.ok('create', '--cidfile', other, 'busybox');
  assert.equal(readFileSync(other, 'utf8'), made);
});

test('--replace removes whoever has the name', () => {
  using engine = new Engine();
  const first = engine.note(engine.ok('run', '-d', '--name', 'n', 'busybox', 'sleep', '1000'));
  const second = engine.ok('run', '-d', '--replace', '--name', 'n', 'busybox', 'sleep', '1000');
  const third = engine.ok('create', '--replace', '--name', 'n', 'busybox');
  assert.equal(new Set([first, second, third]).size, 3);
  assert.equal(engine.ok('ps', '-aq', '--no-trunc'), third);
  assert.match(engine.call(['run', '--replace', 'busybox']).stderr, /--replace needs a name/);
});

test('--attach joins the streams that are named, and no others', () => {
  using engine = new Engine();
  const run = (input: string, ...flags: readonly string[]) => {
    const script = `${flags.includes('stdout') ? '' : 'cat; '}echo out; echo err >&2; exit 3`;
    const { code, text, stderr } = engine.call(['run', '--rm', ...flags, 'busybox', 'sh', '-c', script], {
      input,
    });
    return [code, text, stderr];
  };
  assert.deepEqual(run('in\n', '-i'), [3, 'in\nout\n', 'err\n']);
  assert.deepEqual(run('in\n', '-i', '-a', 'stdout'), [3, 'out\n', '']);
  assert.deepEqual(run('in\n', '-a', 'stderr'), [3, '', 'err\n']);
  assert.deepEqual(run('in\n', '-i', '--attach=stdin', '--attach=STDERR'), [3, '', 'err\n']);
  assert.match(
    engine.call(['run', '-a', 'what', 'busybox']).stderr,
    /--attach takes stdin, stdout or stderr/,
  );
  assert.match(engine.call(['run', '-d', '-a', 'stdout', 'busybox']).stderr, /--detach and --attach exclude/);
});

test('--sig-proxy=false leaves the program running when the command is ended', async () => {
  using engine = new Engine();
  const script = 'trap "exit 5" TERM; echo ready; while :; do sleep 0.05; done';
  const child = engine.start(['run', '--sig-proxy=false', '--name', 'p', 'busybox', 'sh', '-c', script]);
  child.stdout?.once('data', () => child.kill('SIGTERM'));
  const { signal } = await outcomeOf(child);
  assert.equal(signal, 'SIGTERM');
  assert.match(engine.ok('ps'), / Up /);
});

test('--detach-keys that are none are refused', () => {
  using engine = new Engine();
  assert.match(engine.call(['run', '--detach-keys', 'ctrl-', 'busybox']).stderr, /--detach-keys takes/);
});

test('--pull=never, --platform and --quiet are about bringing the image', () => {
  using engine = new Engine();
  const run = (...flags: readonly string[]) =>
    engine.call(['run', '--rm', ...flags, 'busybox', 'echo', 'here']);
  assert.equal(run('--pull=never', '--quiet').text, 'here\n');
  assert.equal(run('--platform', 'linux/amd64').text, 'here\n');
  assert.match(run('--pull=perhaps').stderr, /--pull takes missing, always or never/);
});

test('a flag that is not there is refused with the nearest one', () => {
  using engine = new Engine();
  const hint = (flag: string): string => engine.call(['run', flag, 'busybox']).stderr;
  assert.match(hint('--memroy'), /did you mean --memory/);
  assert.match(hint('--cap-ad=x'), /did you mean --cap-add/);
  assert.doesNotMatch(hint('--wholly-different'), /did you mean/);
});

test('--log-driver json-file, k8s-file and none keep the output, capped by --log-opt', async () => {
  using engine = new Engine();
  const log = (id: string, name = ''): string => join(engine.store, 'containers', id, `container.log${name}`);
  const run = (...flags: readonly string[]): string => {
    const id = engine.ok('run', '-d', ...flags, 'busybox', 'sh', '-c', 'echo out; printf "\\"err" >&2');
    engine.ok('wait', id);
    return id;
  };
  const json = run('--log-driver', 'json-file');
  const lines = readFileSync(log(json), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  assert.deepEqual(
    lines
      .map((line) => ({ ...line, time: '' }))
      .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
    [
      { log: '"err', stream: 'stderr', time: '' },
      { log: 'out\n', stream: 'stdout', time: '' },
    ],
  );
  assert.equal(engine.ok('logs', json), 'out');
  assert.equal(engine.ok('logs', run('--log-driver=k8s-file')), 'out');
  const none = run('--log-driver', 'none');
  assert.equal(existsSync(log(none)), false);
  assert.equal(engine.ok('logs', none), '');
  const script =
    'i=0; while [ $i -lt 400 ]; do echo "line $i ---------------------------------------"; i=$((i+1)); done';
  const capped = ['--log-opt', 'max-size=4k', '--log-opt', 'max-file=2'];
  const id = engine.ok('run', '-d', ...capped, 'busybox', 'sh', '-c', script);
  engine.ok('wait', id);
  assert.ok(existsSync(log(id, '.1')));
  assert.equal(existsSync(log(id, '.2')), false);
  assert.match(engine.ok('logs', '--tail', '1', id), /^line 399 /);
  const refused = (...flags: readonly string[]): string => engine.call(['run', ...flags, 'busybox']).stderr;
  assert.match(refused('--log-driver', 'syslog'), /"syslog" is not supported/);
  assert.match(refused('--log-opt', 'max-size=much'), /max-size of --log-opt takes/);
  assert.match(refused('--log-opt', 'mode=x'), /"mode" of --log-opt is unknown/);
});

test('--no-healthcheck, --health-cmd and times without a check', () => {
  using engine = new Engine({ Healthcheck: { Test: ['CMD', 'true'], Interval: 1e9 } });
  const health = (...flags: readonly string[]): unknown => {
    const id = engine.ok('create', ...flags, 'busybox');
    const config = JSON.parse(readFileSync(join(engine.store, 'containers', id, 'config.json'), 'utf8')) as {
      health?: object;
    };
    return config.health;
  };
  const standard = {
    test: ['CMD', 'true'],
    interval: 1000,
    timeout: 30000,
    startPeriod: 0,
    startInterval: 5000,
    retries: 3,
  };
  assert.deepEqual(health(), standard);
  assert.equal(health('--no-healthcheck'), undefined);
  assert.deepEqual(health('--health-cmd', 'check it'), { ...standard, test: ['CMD-SHELL', 'check it'] });
  assert.deepEqual(health('--health-interval=2s', '--health-timeout=1m', '--health-retries=5'), {
    ...standard,
    interval: 2000,
    timeout: 60000,
    retries: 5,
  });
  assert.deepEqual(health('--health-start-period=3s', '--health-start-interval=1s'), {
    ...standard,
    startPeriod: 3000,
    startInterval: 1000,
  });
  assert.match(
    engine.call(['run', '--health-interval', 'soon', 'busybox']).stderr,
    /takes a time such as 30s/,
  );
  using plain = new Engine();
  assert.match(plain.call(['run', '--health-retries', '2', 'busybox']).stderr, /no health check to change/);
});

test('--runtime names our own runtime, another one by name or path, and refuses what is none', async () => {
  using engine = new Engine();
  for (const runtime of ['runt', 'crun', '/usr/bin/crun', '/usr/sbin/runc'])
    assert.equal(engine.script('echo by it', '--runtime', runtime).text, 'by it\n', runtime);
  assert.equal(
    engine.call(['--runtime', 'crun', 'run', '--rm', 'busybox', 'echo', 'before']).text,
    'before\n',
  );
  assert.equal(engine.call(['--runtime=/usr/bin/crun', 'run', '--rm', 'busybox', 'echo', 'x']).text, 'x\n');
  assert.match(
    engine.call(['run', '--runtime', 'nosuch', 'busybox']).stderr,
    /runtime "nosuch" is not found/,
  );
  const file = join(engine.folder, 'file');
  writeFileSync(file, '');
  assert.match(engine.call(['run', '--runtime', file, 'busybox']).stderr, /no program that can be executed/);
  await until('nothing is left', () => engine.traces().length === 0);
});
