// One more process in a container that runs.

import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Bundle } from './runtime/bundle.ts';
import type { Outcome } from './runtime/programs.ts';

const NAMES = ['CAP_CHOWN', 'CAP_KILL'];

function started(change: (bundle: Bundle) => void = () => {}): Bundle {
  const bundle = new Bundle();
  Object.assign(bundle.config.process, {
    capabilities: { bounding: NAMES, permitted: NAMES, effective: NAMES },
  });
  change(bundle);
  bundle.start();
  return bundle;
}

function exec(bundle: Bundle, flags: readonly string[], ...command: readonly string[]): Outcome {
  return bundle.call(['exec', ...flags, bundle.id, ...command]);
}

test('exec exits as its program does, or with 128 and its signal', () => {
  using bundle = started();
  assert.equal(exec(bundle, [], 'sh', '-c', 'exit 7').code, 7);
  assert.equal(exec(bundle, [], 'sh', '-c', 'kill -KILL $$').code, 137);
  assert.deepEqual(exec(bundle, [], 'sh', '-c', 'echo out; echo err >&2'), {
    code: 0,
    stdout: 'out\n',
    stderr: 'err\n',
  });
  assert.equal(bundle.call(['exec', bundle.id, 'cat'], { input: 'through' }).stdout, 'through');
});

test('exec joins every namespace, cgroup and limit of the container', () => {
  using bundle = started(({ config }) => {
    config['hostname'] = 'box';
    config.process['rlimits'] = [{ type: 'RLIMIT_NOFILE', soft: 99, hard: 100 }];
    config.process['oomScoreAdj'] = 99;
  });
  const script = `for n in pid net ipc uts mnt cgroup; do readlink /proc/$p/ns/$n; done
    cut -d: -f3 /proc/$p/cgroup | sort | uniq -c`;
  const of = (pid: string): string => exec(bundle, ['--env', `p=${pid}`], 'sh', '-c', script).stdout;
  assert.equal(of('self'), of('1'));
  assert.equal(
    exec(bundle, [], 'sh', '-c', 'hostname; ulimit -n; cat /proc/self/oom_score_adj').stdout,
    'box\n99\n99\n',
  );
});

test('the flags of exec change what the container’s process has', () => {
  using bundle = started(({ config }) => {
    config.process['env'] = ['PATH=/bin', 'KEPT=1', 'A=old'];
    config.process['user'] = { uid: 0, gid: 0, additionalGids: [4] };
  });
  const env = exec(bundle, ['--env', 'A=new', '-e', 'B=x=y'], 'env').stdout.split('\n');
  assert.deepEqual(
    ['KEPT=1', 'A=new', 'B=x=y', 'A=old'].map((line) => env.includes(line)),
    [true, true, true, false],
  );
  assert.equal(exec(bundle, ['--cwd', '/bin'], 'pwd').stdout, '/bin\n');
  assert.equal(exec(bundle, ['--user', '7:8', '-g', '9'], 'id').stdout, 'uid=7 gid=8 groups=4,9\n');
  assert.equal(exec(bundle, ['-u', '7'], 'sh', '-c', 'id -u; id -g').stdout, '7\n0\n');
  const status = (flags: readonly string[], field: string): string =>
    exec(bundle, flags, 'grep', field, '/proc/self/status').stdout.trimEnd();
  assert.equal(status([], 'CapEff'), 'CapEff:\t0000000000000021');
  assert.equal(status(['--cap', 'CAP_NET_RAW', '-c', 'sys_chroot'], 'CapEff'), 'CapEff:\t0000000000042021');
  assert.equal(status(['--no-new-privs'], 'NoNewPrivs'), 'NoNewPrivs:\t1');
});

test('exec of a document is what crun and runc make of it', () => {
  const show = `id; env | sort; pwd; umask; grep -E '^(Cap|NoNew|Sig[BI]|Shd|Groups)' /proc/self/status; cat /proc/self/limits; ls /proc/self/fd`;
  const seen = (['runt', 'crun', 'runc'] as const).map((name) => {
    using bundle = new Bundle();
    const process = {
      args: ['sh', '-c', show],
      env: ['PATH=/bin'],
      capabilities: { bounding: NAMES, permitted: NAMES, effective: NAMES },
      rlimits: [{ type: 'RLIMIT_NOFILE', soft: 100, hard: 100 }],
      user: { uid: 5, gid: 6, additionalGids: [7] },
      cwd: '/tmp',
    };
    bundle.config.process = { ...process, args: ['sleep', '1000'] };
    bundle.write();
    writeFileSync(`${bundle.folder}/process.json`, JSON.stringify(process));
    try {
      assert.equal(bundle.call(['run', '-d', '-b', bundle.path, bundle.id], {}, name).code, 0);
      const { code, stdout, stderr } = bundle.call(
        ['exec', '--process', `${bundle.folder}/process.json`, bundle.id],
        {},
        name,
      );
      assert.equal(code, 0, stderr);
      return stdout;
    } finally {
      bundle.call(['delete', '--force', bundle.id], {}, name);
    }
  });
  assert.equal(seen[0], seen[1], 'crun');
  assert.equal(seen[0], seen[2], 'runc');
});

test('--process takes the whole process from a document', () => {
  using bundle = started();
  const file = `${bundle.folder}/process.json`;
  writeFileSync(
    file,
    JSON.stringify({
      args: ['sh', '-c', 'id -u; pwd; echo $X'],
      cwd: '/bin',
      env: ['PATH=/bin', 'X=1'],
      user: { uid: 9, gid: 9 },
    }),
  );
  assert.equal(exec(bundle, ['--process', file]).stdout, '9\n/bin\n1\n');
  writeFileSync(file, '{"args": 5, "cwd": "/"}');
  const { code, stderr } = exec(bundle, ['--process', file]);
  assert.deepEqual([code, stderr], [255, `runt: ${file}: The field process.args must be a list\n`]);
});

test('--detach returns at once, and --pid-file names the process', () => {
  using bundle = started();
  const file = `${bundle.folder}/pid`;
  assert.equal(exec(bundle, ['--detach', '--pid-file', file], 'sleep', '1000').code, 0);
  const pid = readFileSync(file, 'utf8');
  // exec returns when the process can no longer fail, an execve(2) before the program itself.
  const commandLine = () => readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  for (let tries = 0; tries < 1000 && !commandLine().startsWith('sleep\0'); tries++);
  assert.match(commandLine(), /^sleep\0/);
  assert.ok(
    (JSON.parse(bundle.call(['ps', '-f', 'json', bundle.id]).stdout) as number[]).includes(Number(pid)),
  );
});

test('--preserve-fds passes descriptors on', () => {
  using bundle = started();
  writeFileSync(`${bundle.folder}/three`, 'three\n');
  const fd = openSync(`${bundle.folder}/three`, 'r');
  try {
    const outcome = bundle.call(['exec', '--preserve-fds', '1', bundle.id, 'sh', '-c', 'cat <&3'], {
      descriptors: [fd],
    });
    assert.equal(outcome.stdout, 'three\n');
  } finally {
    closeSync(fd);
  }
});

test('exec works before start, and not after the end', () => {
  using bundle = new Bundle();
  bundle.config.process['args'] = ['sleep', '1000'];
  bundle.write();
  bundle.call(['create', '-b', bundle.path, bundle.id]);
  assert.equal(exec(bundle, [], 'echo', 'early').stdout, 'early\n');
  bundle.call(['start', bundle.id]);
  bundle.call(['kill', bundle.id, 'KILL']);
  const deadline = Date.now() + 10_000;
  while (!bundle.call(['state', bundle.id]).stdout.includes('stopped')) assert.ok(Date.now() < deadline);
  const { code, stderr } = exec(bundle, [], 'true');
  assert.equal(code, 255);
  assert.match(stderr, /is not running: nothing can be executed in it/);
});

test('what cannot be executed is refused, with 255 and a sentence', () => {
  using bundle = started(({ rootfs }) => writeFileSync(`${rootfs}/plain`, 'text', { mode: 0o644 }));
  for (const [args, message] of [
    [['nowhere'], /The program nowhere is not found in PATH/],
    [['/no/where'], /The program \/no\/where is not found/],
    [['/plain'], /The program \/plain cannot be executed: EACCES/],
    [['/bin'], /The program \/bin cannot be executed: EACCES/],
  ] as const) {
    const { code, stderr } = exec(bundle, [], ...args);
    assert.equal(code, 255);
    assert.match(stderr, message);
  }
  for (const [flags, message] of [
    [['--user', 'root'], /--user takes numeric ids, not "root"/],
    [['--user', '4294967296'], /--user takes numeric ids/],
    [['--user', '-1'], /--user takes numeric ids/],
    [['--user', '1:x'], /--user takes numeric ids/],
    [['--user', '1:2:3'], /--user takes numeric ids/],
    [['--env', 'novalue'], /--env takes NAME=VALUE/],
    [['--cwd', 'relative'], /--cwd takes an absolute path/],
    [['--cwd', '/nowhere'], /Change to the directory \/nowhere: ENOENT/],
  ] as const) {
    const { code, stderr } = exec(bundle, flags, 'true');
    assert.equal(code, 255, flags.join(' '));
    assert.match(stderr, message);
  }
});
