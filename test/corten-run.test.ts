import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { byVersion, cgroupSays } from './engine/cgroup.ts';
import { Engine, outcomeOf } from './engine/engine.ts';
import { ImageMaker, makeBusybox } from './engine/images.ts';

test("run gives the program's exit code, and 128 and the signal for one that a signal ended", () => {
  using engine = new Engine();
  for (const code of [0, 1, 3, 125, 127, 255]) assert.equal(engine.script(`exit ${code}`).code, code);
  assert.equal(engine.script('sh -c "kill -9 \\$\\$"; exit $?').code, 137);
  assert.equal(engine.script('sh -c "kill -15 \\$\\$"; exit $?').code, 143);
});

test("run fails with Docker's codes and one sentence, and leaves nothing", () => {
  using engine = new Engine();
  const cases: readonly (readonly [number, RegExp, readonly string[]])[] = [
    [127, /nosuch is not found in PATH/, ['busybox', 'nosuch']],
    [127, /\/no\/such is not found/, ['busybox', '/no/such']],
    [126, /\/etc\/passwd cannot be executed/, ['busybox', '/etc/passwd']],
    [126, /\/etc cannot be executed/, ['busybox', '/etc']],
    [125, /No image "absent"/, ['--pull=never', 'absent']],
    [125, /Unknown flag --wrong/, ['--wrong', 'busybox']],
    [125, /no user "nobody" in/, ['-u', 'nobody', 'busybox']],
    [125, /no group "nobody" in/, ['-u', 'jane:nobody', 'busybox']],
    [125, /The image is missing/, []],
    [125, /The name "a\/b" is invalid/, ['--name', 'a/b', 'busybox']],
    [125, /source does not exist/, ['-v', '/no/such:/x', 'busybox', 'true']],
    [125, /root file system \/no\/such is no directory/, ['--rootfs', '/no/such', 'true']],
    [125, /no network "absent"/, ['--network', 'absent', 'busybox']],
    [125, /--memory/, ['-m', 'much', 'busybox']],
    [125, /--cpus/, ['--cpus', '-1', 'busybox']],
    [125, /--workdir/, ['-w', 'tmp', 'busybox']],
    [125, /Image name "UPPER"/, ['UPPER']],
  ];
  for (const [code, message, args] of cases) {
    const outcome = engine.call(['run', ...args]);
    assert.match(outcome.stderr, message);
    assert.match(outcome.stderr, /^corten: [^\n]+\n$/);
    assert.deepEqual([outcome.code, outcome.text], [code, ''], args.join(' '));
    assert.deepEqual(engine.traces(), [], args.join(' '));
  }
});

test('run passes standard output and standard error on byte for byte, apart', () => {
  using engine = new Engine();
  const outcome = engine.script("printf 'a\\0b\\377\\n'; printf 'no newline' >&2");
  assert.deepEqual(outcome.stdout, Buffer.from('a\0b\xff\n', 'latin1'));
  assert.equal(outcome.stderr, 'no newline');
});

test('run --interactive passes a megabyte of any bytes in and out, and its end', () => {
  using engine = new Engine();
  const input = randomBytes(1 << 20);
  const outcome = engine.call(['run', '--rm', '-i', 'busybox', 'cat'], { input });
  assert.equal(outcome.code, 0, outcome.stderr);
  assert.ok(outcome.stdout.equals(input));
});

test('run without -i gives the program an empty standard input', () => {
  using engine = new Engine();
  assert.equal(engine.call(['run', '--rm', 'busybox', 'cat'], { input: 'unseen' }).text, '');
});

test('run -i of a program that reads nothing ends with it', () => {
  using engine = new Engine();
  const input = Buffer.alloc(4 << 20);
  assert.equal(engine.call(['run', '--rm', '-i', 'busybox', 'true'], { input }).code, 0);
});

test('the program learns when nobody reads its output any more', async () => {
  using engine = new Engine();
  const child = engine.start(['run', '--rm', 'busybox', 'yes']);
  child.stdout?.once('data', () => child.stdout?.destroy());
  const { code } = await outcomeOf(child);
  assert.ok(code !== 0 && code !== null);
  assert.deepEqual(engine.traces(), []);
});

test("--entrypoint, --workdir, --env and arguments take the place of the image's own", () => {
  const image = {
    Entrypoint: ['echo', 'from'],
    Cmd: ['image'],
    WorkingDir: '/tmp',
    Env: ['PATH=/bin', 'A=image'],
  };
  using engine = new Engine(image);
  const run = (...args: readonly string[]): string => engine.ok('run', '--rm', ...args);
  assert.equal(run('busybox'), 'from image');
  assert.equal(run('busybox', 'user'), 'from user');
  assert.equal(run('--entrypoint', 'pwd', 'busybox'), '/tmp');
  assert.equal(run('--entrypoint', '', 'busybox', 'pwd'), '/tmp');
  assert.equal(run('--entrypoint', 'pwd', '-w', '/made/here', 'busybox'), '/made/here');
  const env = (...flags: readonly string[]): string => run(...flags, '--entrypoint', 'env', 'busybox');
  assert.match(env(), /^A=image$/m);
  assert.match(env('-e', 'A=user', '--env=B=2'), /^A=user$[^]*^B=2$|^B=2$[^]*^A=user$/m);
  assert.match(env(), /^HOME=\/root$/m);
  const passed = engine.call(['run', '--rm', '-e', 'C', '-e', 'D', '--entrypoint', 'env', 'busybox'], {
    env: { C: 'caller' },
  });
  assert.match(passed.text, /^C=caller$/m);
  assert.doesNotMatch(passed.text, /^D/m);
});

test('run --user takes names and numbers by the accounts of the image', () => {
  using engine = new Engine();
  const id = (user: string): string =>
    engine.ok('run', '--rm', '-u', user, 'busybox', 'sh', '-c', 'echo $(id -u):$(id -g):$(id -G):$HOME');
  assert.equal(id('jane'), '1000:1001:1001 10:/home/jane');
  assert.equal(id('1000'), '1000:1001:1001 10:/home/jane');
  assert.equal(id('jane:wheel'), '1000:10:10:/home/jane');
  assert.equal(id('jane:77'), '1000:77:77:/home/jane');
  assert.equal(id('4242'), '4242:0:0:/');
  assert.equal(id('0'), '0:0:0 10:/root');
});

test('a user who is not root has no capabilities, root has those that Docker gives', () => {
  using engine = new Engine();
  const caps = (...flags: readonly string[]): string =>
    engine.script('grep CapEff /proc/self/status', ...flags).text.trim();
  assert.equal(caps(), 'CapEff:\t00000000a80425fb');
  assert.equal(caps('-u', 'jane'), 'CapEff:\t0000000000000000');
});

test('--memory, --cpus and --pids-limit stand in the cgroups', () => {
  using engine = new Engine();
  const id = engine.note(
    engine.ok('run', '-d', '-m', '64m', '--cpus', '0.5', '--pids-limit', '20', 'busybox', 'sleep', '1000'),
  );
  const says = (v1: string, v2: string): string => cgroupSays(id, { v1, v2 });
  assert.equal(says('memory/memory.limit_in_bytes', 'memory.max'), String(64 << 20));
  assert.equal(says('cpu/cpu.cfs_quota_us', 'cpu.max'), byVersion('50000', '50000 100000'));
  if (byVersion(true, false)) assert.equal(says('cpu/cpu.cfs_period_us', ''), '100000');
  assert.equal(says('pids/pids.max', 'pids.max'), '20');
  engine.ok('rm', '-f', id);
  assert.deepEqual(engine.traces(), []);
});

test('--volume shows a file or directory of the host, read-only on request', () => {
  using engine = new Engine();
  const data = join(engine.folder, 'data');
  mkdirSync(data);
  writeFileSync(join(data, 'file'), 'of the host');
  assert.equal(engine.script('cat /v/file; echo new >/v/made', '-v', `${data}:/v`).text, 'of the host');
  assert.equal(readFileSync(join(data, 'made'), 'utf8'), 'new\n');
  const readOnly = engine.script('cat /v/file; echo new >/v/other', '-v', `${data}:/v:ro,z`);
  assert.equal(readOnly.text, 'of the host');
  assert.match(readOnly.stderr, /Read-only file system/);
  assert.equal(existsSync(join(data, 'other')), false);
  assert.equal(engine.script('cat /one', '-v', `${join(data, 'file')}:/one`).text, 'of the host');
});

test('--read-only seals the root file system but not /dev/shm', () => {
  using engine = new Engine();
  const { text, stderr } = engine.script('echo x >/x; echo y >/dev/shm/y && cat /dev/shm/y', '--read-only');
  assert.match(stderr, /can't create \/x: Read-only file system/);
  assert.equal(text, 'y\n');
});

test('--network or --net: none has loopback alone and host the interfaces of the machine; --hostname is what it says', () => {
  using engine = new Engine();
  const interfaces = (text: string): readonly string[] =>
    [...text.matchAll(/^ *(\w+):/gm)].map(([, name = '']) => name);
  assert.deepEqual(interfaces(engine.script('cat /proc/net/dev').text), ['lo']);
  assert.deepEqual(
    interfaces(engine.script('cat /proc/net/dev', '--network', 'host').text),
    interfaces(readFileSync('/proc/net/dev', 'utf8')),
  );
  assert.equal(engine.script('hostname; cat /etc/hostname', '--hostname', 'here').text, 'here\nhere\n');
  assert.equal(engine.script('ping -c 1 localhost >/dev/null && echo up').text, 'up\n');
});

test('--rootfs runs in a directory, and makes nothing in it but mount points', () => {
  using engine = new Engine();
  const root = join(engine.folder, 'root');
  makeBusybox(root);
  const before = readdirSync(join(root, 'etc'));
  assert.equal(
    engine.call(['run', '--rm', '--rootfs', root, 'sh', '-c', 'echo in; echo x >/x; exit 4']).code,
    4,
  );
  assert.equal(readFileSync(join(root, 'x'), 'utf8'), 'x\n');
  assert.deepEqual(readdirSync(join(root, 'etc')), before);
  assert.deepEqual(engine.traces(), []);
});

test('an image of several layers is the upper over the lower, and what a container writes is its own', () => {
  using engine = new Engine();
  const [lower, upper] = ['lower', 'upper'].map((name) => join(engine.folder, name)) as [string, string];
  makeBusybox(lower);
  mkdirSync(join(upper, 'etc'), { recursive: true });
  writeFileSync(join(lower, 'etc/which'), 'lower');
  writeFileSync(join(lower, 'etc/below'), 'below');
  writeFileSync(join(upper, 'etc/which'), 'upper');
  new ImageMaker(engine.store).add('two', { Env: ['PATH=/bin'] }, [lower, upper]);
  const read = ['run', '--rm', 'two', 'sh', '-c', 'cat /etc/which /etc/below; rm /etc/which; echo >/new'];
  for (const _ of [1, 2]) assert.equal(engine.call(read).text, 'upperbelow');
});

test('a store on a file system that EROFS can not read files of is mounted by loop devices, which are freed', () => {
  using engine = new Engine({}, '/dev/shm');
  assert.equal(engine.script('echo on tmpfs >/x; cat /x').text, 'on tmpfs\n');
  assert.deepEqual(engine.traces(), []);
  const backing = readdirSync('/sys/block').map((name) => `/sys/block/${name}/loop/backing_file`);
  const used = backing.filter((path) => existsSync(path)).map((path) => readFileSync(path, 'utf8'));
  assert.deepEqual(
    used.filter((path) => path.startsWith(engine.folder)),
    [],
  );
});

test('--rm leaves nothing, and 20 containers at once do not disturb each other', async () => {
  using engine = new Engine();
  const children = Array.from({ length: 20 }, (_, index) =>
    engine.start(['run', '--rm', 'busybox', 'sh', '-c', `echo ${index}; exit ${index}`]),
  );
  const outcomes = await Promise.all(children.map(outcomeOf));
  assert.deepEqual(
    outcomes.map(({ code, text, stderr }) => [code, text, stderr]),
    outcomes.map((_, index) => [index, `${index}\n`, '']),
  );
  assert.deepEqual(engine.traces(), []);
});

test('a signal to the attached command reaches the program', async () => {
  using engine = new Engine();
  for (const [signal, number] of [
    ['SIGTERM', 15],
    ['SIGINT', 2],
    ['SIGUSR1', 10],
  ] as const) {
    const script = `trap "echo got ${number}; exit 5" ${number}; echo ready; while :; do sleep 0.05; done`;
    const child = engine.start(['run', '--rm', 'busybox', 'sh', '-c', script]);
    child.stdout?.once('data', () => child.kill(signal));
    const { code, text } = await outcomeOf(child);
    assert.deepEqual([code, text], [5, `ready\ngot ${number}\n`]);
  }
});
