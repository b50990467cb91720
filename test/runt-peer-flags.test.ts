// The flags and shapes of command lines that runc's callers use: containerd's go-runc, conmon, dockerd.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { until } from './engine/engine.ts';
import { Bundle } from './runtime/bundle.ts';
import { runCommand, RUNT, type Outcome } from './runtime/programs.ts';

const SLEEP = { args: ['sleep', '1000'], env: ['PATH=/bin'], cwd: '/', user: { uid: 0, gid: 0 } };

test('global flags are taken as runc takes them', () => {
  using bundle = new Bundle();
  for (const flags of [
    ['--systemd-cgroup=false'],
    ['--rootless=auto'],
    ['--rootless', 'true'],
    ['--rootless=false'],
    ['--criu', '/usr/sbin/criu'],
    ['--debug=false'],
  ])
    assert.deepEqual(
      bundle.call([...flags, 'list', '-q']),
      { code: 0, stdout: '', stderr: '' },
      flags.join(' '),
    );
  assert.match(bundle.call(['--rootless=maybe', 'list']).stderr, /--rootless takes auto, true or false/);
  assert.match(bundle.call(['--systemd-cgroup', 'list']).stderr, /--systemd-cgroup is not supported/);
});

test('commands of the peers that are not there are refused by name', () => {
  using bundle = new Bundle();
  for (const verb of ['checkpoint', 'restore']) {
    const { code, stderr } = bundle.call([verb, '--image-path', '/tmp', bundle.id]);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`The command ${verb} is not supported by this version`));
  }
});

test('the version has the three lines that go-runc and dockerd parse', () => {
  const lines = runCommand([RUNT, '--version']).stdout.trimEnd().split('\n');
  assert.equal(lines.length, 3);
  assert.deepEqual(
    lines.map((line) => line.split(' ').slice(0, -1).join(' ')),
    ['runt version', 'commit:', 'spec:'],
  );
});

test('go-runc’s calls, word for word', () => {
  using bundle = new Bundle();
  bundle.config.process = { ...SLEEP };
  bundle.write();
  const log = `${bundle.folder}/log.json`;
  const runc = (...words: readonly string[]): Outcome =>
    bundle.call(['--log', log, '--log-format', 'json', ...words]);
  const ok = (...words: readonly string[]): string => {
    const { code, stdout, stderr } = runc(...words);
    assert.deepEqual([code, stderr], [0, ''], words.join(' '));
    return stdout;
  };
  const pidFile = `${bundle.folder}/init.pid`;
  ok('create', '--bundle', bundle.path, '--pid-file', pidFile, bundle.id);
  ok('start', bundle.id);
  const state = JSON.parse(ok('state', bundle.id)) as Record<string, unknown>;
  assert.equal(state['pid'], Number(readFileSync(pidFile, 'utf8')));
  assert.ok(!Number.isNaN(Date.parse(String(state['created']))));
  assert.equal((JSON.parse(ok('list', '--format=json')) as object[]).length, 1);

  const processFile = `${bundle.folder}/runc-process`;
  writeFileSync(processFile, JSON.stringify(SLEEP));
  const execPid = `${bundle.folder}/exec.pid`;
  ok('exec', '--process', processFile, '--detach', '--pid-file', execPid, bundle.id);
  const pids = JSON.parse(ok('ps', '--format', 'json', bundle.id)) as number[];
  assert.deepEqual(pids, [state['pid'], Number(readFileSync(execPid, 'utf8'))]);
  assert.match(ok('ps', '--format', 'table', bundle.id, 'aux'), /^USER +PID /);
  ok('pause', bundle.id);
  ok('resume', bundle.id);
  assert.equal((JSON.parse(ok('events', '--stats', bundle.id)) as { type: string }).type, 'stats');
  const updated = bundle.call(['--log', log, 'update', '--resources', '-', bundle.id], {
    input: '{"devices":null,"memory":{"limit":67108864},"cpu":{},"pids":null}',
  });
  assert.equal(updated.code, 0, updated.stderr);
  ok('kill', '--all', bundle.id, '9');
  waitForEnd(bundle);
  assert.match(runc('kill', bundle.id, '15').stderr, /container not running/);
  ok('delete', '--force', bundle.id);
  assert.match(runc('kill', bundle.id, '15').stderr, /does not exist/);
});

function waitForEnd(bundle: Bundle): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  while (!bundle.call(['state', bundle.id]).stdout.includes('"stopped"')) Atomics.wait(pause, 0, 0, 5);
}

test('the last line of level error in a JSON log is the failure, with its kind and code besides', () => {
  using bundle = new Bundle();
  const log = `${bundle.folder}/log.json`;
  bundle.config.process['args'] = ['/no/such'];
  bundle.write();
  const words = ['--log', log, '--log-format', 'json', 'create', '--bundle', bundle.path, bundle.id];
  const { stderr } = bundle.call(words);
  const last = JSON.parse(readFileSync(log, 'utf8').trimEnd().split('\n').at(-1) ?? '') as Record<
    string,
    string
  >;
  assert.deepEqual(
    [last['level'], last['kind'], last['code']],
    ['error', 'not_found', 'RUNTIME_EXEC_NOT_FOUND'],
  );
  assert.equal(stderr, `runt: ${last['msg']}\n`);
});

test('failures have the words by which engines choose their exit codes', () => {
  const failing = (change: (bundle: Bundle) => void): string => {
    using bundle = new Bundle();
    change(bundle);
    return bundle.run().stderr;
  };
  assert.match(
    failing(({ config }) => (config.process['args'] = ['nosuch'])),
    /executable file not found in \$PATH/,
  );
  assert.match(
    failing(({ config }) => (config.process['args'] = ['/no/such'])),
    /no such file or directory/,
  );
  assert.match(
    failing(({ config }) => (config.process['args'] = ['/etc'])),
    /permission denied/,
  );
  assert.match(
    failing(({ config }) => config.mounts.push({ destination: '/x', source: '/no/such', options: ['bind'] })),
    /no such file or directory/,
  );
  using bundle = new Bundle();
  bundle.start();
  assert.match(bundle.call(['exec', bundle.id, 'nosuch']).stderr, /executable file not found in \$PATH/);
});

test('exec refuses labels that the kernel has not, and takes empty ones', () => {
  using bundle = new Bundle();
  bundle.start();
  for (const flag of ['--apparmor', '--process-label']) {
    assert.match(
      bundle.call(['exec', flag, 'x', bundle.id, 'true']).stderr,
      /is not supported by this version/,
    );
    assert.equal(bundle.call(['exec', flag, '', bundle.id, 'true']).code, 0);
  }
});

test('--pidfd-socket gets a message for init and for each process of exec', async () => {
  using bundle = new Bundle();
  const path = `${bundle.folder}/pidfd.sock`;
  const server = createServer().listen(path);
  try {
    const next = async (outcome: Promise<Outcome>): Promise<string> => {
      const [socket] = (await once(server, 'connection')) as [Socket];
      const [data] = (await once(socket, 'data')) as [Buffer];
      const { code, stderr } = await outcome;
      assert.equal(code, 0, stderr);
      return String(data);
    };
    bundle.config.process = { ...SLEEP };
    bundle.write();
    const create = bundle.spawn(['run', '--detach', '--pidfd-socket', path, '-b', bundle.path, bundle.id]);
    assert.equal(await next(create.outcome), 'standard');
    assert.equal(
      await next(bundle.spawn(['exec', '--pidfd-socket', path, bundle.id, 'true']).outcome),
      'setns',
    );
  } finally {
    server.close();
  }
  const { code, stderr } = bundle.call(['exec', '--pidfd-socket', '/nowhere', bundle.id, 'true']);
  assert.deepEqual([code, /Connect to the pidfd socket \/nowhere/.test(stderr)], [255, true]);
});

test('run --keep leaves the container to be deleted', async () => {
  using bundle = new Bundle();
  bundle.write();
  assert.equal(bundle.call(['run', '--keep', '-b', bundle.path, bundle.id]).code, 0);
  await until('its end', () => bundle.call(['state', bundle.id]).stdout.includes('"stopped"'));
  assert.equal(bundle.call(['delete', bundle.id]).code, 0);
});
