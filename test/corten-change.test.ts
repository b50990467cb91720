// rename, update, top, stats and attach: what is changed and seen of a container that is there.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Engine, outcomeOf, until } from './engine/engine.ts';

const SLEEPER = ['busybox', 'sleep', '1000'] as const;
const COUNTER = 'i=0; while :; do i=$((i+1)); echo line $i; sleep 0.02; done';

test('rename gives a container another name, which is then the only one', () => {
  using engine = new Engine();
  const id = engine.note(engine.ok('run', '-d', '--name', 'old', ...SLEEPER));
  engine.ok('run', '-d', '--name', 'other', ...SLEEPER);
  engine.ok('rename', 'old', 'new');
  assert.equal(engine.ok('inspect', '-f', '{{.Id}} {{.Name}}', 'new'), `${id} /new`);
  assert.match(engine.call(['inspect', 'old']).stderr, /There is no container "old"/);
  assert.match(engine.call(['rename', 'new', 'other']).stderr, /The name "other" belongs to the container/);
  assert.match(engine.call(['rename', 'new', 'a/b']).stderr, /The name "a\/b" is invalid/);
  assert.equal(engine.call(['rename', 'new']).code, 125);
  engine.ok('run', '-d', '--name', 'old', ...SLEEPER);
  engine.ok('rm', '-f', 'new', 'old', 'other');
  assert.deepEqual(engine.traces(), []);
});

test('a container with --rm takes its new name along, and leaves one that went to another', () => {
  using engine = new Engine();
  engine.ok('run', '-d', '--rm', '--name', 'first', ...SLEEPER);
  engine.ok('rename', 'first', 'second');
  engine.ok('run', '-d', '--name', 'first', ...SLEEPER);
  engine.ok('stop', '-t', '0', 'second');
  assert.equal(engine.ok('ps', '-a', '--format', '{{.Names}}'), 'first');
});

test('update changes limits in the kernel at once, and what is wanted', () => {
  using engine = new Engine();
  engine.ok('run', '-d', '--name', 'u', '--memory', '64m', '--pids-limit', '50', ...SLEEPER);
  const inside = (file: string): string => engine.ok('exec', 'u', 'cat', `/sys/fs/cgroup/${file}`);
  assert.equal(engine.ok('update', '--memory', '96m', '--cpus', '0.5', '--pids-limit', '40', 'u'), 'u');
  const limits = '{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{json .HostConfig.PidsLimit}}';
  assert.equal(engine.ok('inspect', '-f', limits, 'u'), `${96 << 20} 500000000 40`);
  const id = engine.ok('ps', '-q', '--no-trunc');
  const read = (v1: string, v2: string): string => {
    for (const path of [
      `/sys/fs/cgroup/${v1.replace('ID', `corten-${id}`)}`,
      `/sys/fs/cgroup/corten-${id}/${v2}`,
    ]) {
      try {
        return readFileSync(path, 'utf8').trim();
      } catch {
        continue;
      }
    }
    return inside(v2);
  };
  assert.equal(read('memory/ID/memory.limit_in_bytes', 'memory.max'), String(96 << 20));
  assert.match(read('cpu/ID/cpu.cfs_quota_us', 'cpu.max'), /^50000/);
  assert.equal(read('pids/ID/pids.max', 'pids.max'), '40');
  engine.ok('update', '--memory', '32m', '--pids-limit', '-1', 'u');
  assert.equal(read('memory/ID/memory.limit_in_bytes', 'memory.max'), String(32 << 20));
  assert.equal(read('pids/ID/pids.max', 'pids.max'), 'max');
  assert.equal(engine.ok('inspect', '-f', limits, 'u'), `${32 << 20} 500000000 null`);
  assert.equal(engine.call(['update', 'u']).code, 125);
  assert.equal(engine.call(['update', '--memory', '1', 'u']).code, 125);
  engine.ok('stop', '-t', '0', 'u');
  engine.ok('update', '--memory', '48m', 'u');
  assert.equal(engine.ok('inspect', '-f', '{{.HostConfig.Memory}}', 'u'), String(48 << 20));
});

test('update changes weights, sets of processors and the restart policy', () => {
  using engine = new Engine();
  engine.ok('run', '-d', '--name', 'w', '--restart', 'on-failure:2', ...SLEEPER);
  engine.ok('update', '--cpu-shares', '300', '--cpuset-cpus', '0', '--restart', 'unless-stopped', 'w');
  const shown = '{{.HostConfig.CpuShares}} {{.HostConfig.CpusetCpus}} {{.HostConfig.RestartPolicy.Name}}';
  assert.equal(engine.ok('inspect', '-f', shown, 'w'), '300 0 unless-stopped');
  engine.ok('update', '--restart', 'no', 'w');
  assert.equal(
    engine.ok('inspect', '-f', '{{.HostConfig.RestartPolicy.Name}} {{.HostConfig.CpuShares}}', 'w'),
    'no 300',
  );
  for (const flags of [
    ['--restart', 'often'],
    ['--cpuset-cpus', 'x'],
    ['--cpus', '1', '--cpu-quota', '5000'],
  ]) {
    assert.equal(engine.call(['update', ...flags, 'w']).code, 125, flags.join(' '));
  }
});

test('logs stops at --until, begins lines as asked, and follows no longer than that', async () => {
  using engine = new Engine();
  engine.ok(
    'run',
    '-d',
    '--name',
    'l',
    'busybox',
    'sh',
    '-c',
    'echo one; sleep 0.3; echo two; exec sleep 1000',
  );
  await until('both lines', () => engine.ok('logs', 'l') === 'one\ntwo');
  const times = engine
    .ok('logs', '-t', 'l')
    .split('\n')
    .map((line) => Date.parse(line.split(' ')[0] ?? ''));
  const between = new Date(((times[0] ?? 0) + (times[1] ?? 0)) / 2).toISOString();
  assert.equal(engine.ok('logs', '--until', between, 'l'), 'one');
  assert.equal(engine.ok('logs', '--since', between, 'l'), 'two');
  assert.equal(engine.ok('logs', '--since', '1h', '--until', '0s', 'l'), 'one\ntwo');
  assert.equal(engine.ok('logs', '--since', String(Date.parse(between) / 1000), 'l'), 'two');
  assert.equal(engine.ok('logs', '--details', '-n', '1', 'l'), ' two');
  assert.equal(engine.ok('logs', '--names', '-n', '1', 'l'), 'l two');
  const { code, text } = await outcomeOf(engine.start(['logs', '-f', '--until', '-1s', 'l']));
  assert.deepEqual([code, text], [0, 'one\ntwo\n']);
  assert.equal(engine.call(['logs', '--until', 'soon', 'l']).code, 125);
});

test('top shows the processes of the container alone', () => {
  using engine = new Engine();
  engine.ok('run', '-d', '--name', 't', 'busybox', 'sh', '-c', 'sleep 2001 & sleep 2002; :');
  const lines = engine.ok('top', 't').split('\n');
  assert.match(lines[0] ?? '', /PID/);
  assert.equal(lines.length, 4);
  assert.equal(
    engine
      .ok('top', 't', '-o', 'pid,args')
      .split('\n')
      .filter((line) => /sleep 200[12]$/.test(line)).length,
    2,
  );
  engine.ok('run', '--name', 'ended', 'busybox', 'true');
  assert.match(engine.call(['top', 'ended']).stderr, /is not running/);
});

test('stats shows what containers use', () => {
  using engine = new Engine();
  engine.ok('run', '-d', '--name', 'busy', '--memory', '64m', 'busybox', 'sh', '-c', 'while :; do :; done');
  engine.ok('run', '-d', '--name', 'idle', ...SLEEPER);
  engine.ok('run', '--name', 'ended', 'busybox', 'true');
  const rows = engine
    .ok('stats', '--no-stream', '--format', 'json')
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, string>);
  assert.deepEqual(
    rows.map((row) => row['Name']),
    ['idle', 'busy'],
  );
  const [idle, busy] = rows;
  assert.ok(parseFloat(busy?.['CPUPerc'] ?? '') > parseFloat(idle?.['CPUPerc'] ?? ''), JSON.stringify(rows));
  assert.match(busy?.['MemUsage'] ?? '', /^[\d.]+(?:Ki|Mi)?B \/ 64MiB$/);
  assert.equal(idle?.['PIDs'], '1');
  assert.match(
    engine.ok('stats', '--no-stream', '-a'),
    /^CONTAINER ID +NAME +CPU % .*\n[^]*\bended +-- +-- \/ --/,
  );
  assert.equal(engine.ok('stats', '--no-stream', '--format', '{{.Name}} {{.PIDs}}', 'busy'), 'busy 1');
  assert.equal(engine.call(['stats', '--no-stream', 'absent']).code, 1);
});

test('stats goes on until it is ended', async () => {
  using engine = new Engine();
  engine.ok('run', '-d', '--name', 'a', ...SLEEPER);
  const child = engine.start(['stats', '--format', '{{.Name}}']);
  let text = '';
  child.stdout?.on('data', (chunk) => (text += String(chunk)));
  await until('two looks', () => text.startsWith('a\na\n'));
  child.kill('SIGTERM');
  assert.equal((await outcomeOf(child)).signal, 'SIGTERM');
});

test('attach joins the streams; its input is the container’s, its end too', async () => {
  using engine = new Engine();
  engine.ok(
    'run',
    '-d',
    '-i',
    '--name',
    'a',
    'busybox',
    'sh',
    '-c',
    'read x; echo got $x; echo err >&2; exit 5',
  );
  const child = engine.start(['attach', 'a']);
  child.stdin?.write('word\n');
  const { code, text, stderr } = await outcomeOf(child);
  assert.deepEqual([code, text, stderr], [5, 'got word\n', 'err\n']);
  assert.match(engine.call(['attach', 'a']).stderr, /is not running: corten logs a/);
});

test('attach passes signals on unless told not to, and --no-stdin leaves the input open', async () => {
  using engine = new Engine();
  const script = 'trap "echo hup; exit 9" HUP; while :; do echo tick; sleep 0.05; done';
  engine.ok('run', '-d', '-i', '--name', 's', 'busybox', 'sh', '-c', script);
  const quiet = engine.start(['attach', '--sig-proxy=false', '--no-stdin', 's']);
  quiet.stdin?.end();
  await new Promise((resolve) => quiet.stdout?.once('data', resolve));
  quiet.kill('SIGHUP');
  assert.equal((await outcomeOf(quiet)).signal, 'SIGHUP');
  assert.equal(engine.ok('ps', '-q', '--filter', 'name=s').length, 12);
  const child = engine.start(['attach', 's']);
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  child.kill('SIGHUP');
  const { code } = await outcomeOf(child);
  assert.equal(code, 9);
  assert.match(engine.ok('logs', 's'), /hup$/);
});

test('attach to a paused container is refused by the way out', () => {
  using engine = new Engine();
  engine.ok('run', '-d', '--name', 'p', 'busybox', 'sh', '-c', COUNTER);
  engine.ok('pause', 'p');
  assert.match(engine.call(['attach', 'p']).stderr, /is paused: corten unpause p/);
  assert.equal(engine.call(['attach', '--detach-keys', 'ctrl', 'p']).code, 125);
});
