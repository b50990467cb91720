// create, start, state, kill, delete, list and ps.

import assert from 'node:assert/strict';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { test } from 'node:test';
import { Bundle, cgroupsNamed } from './runtime/bundle.ts';
import { runCommand, RUNT, type Outcome } from './runtime/programs.ts';

interface State {
  readonly ociVersion: string;
  readonly id: string;
  readonly pid: number;
  readonly status: string;
  readonly bundle: string;
  readonly annotations: Readonly<Record<string, string>>;
}

function stateOf(bundle: Bundle): State {
  const { code, stdout, stderr } = bundle.call(['state', bundle.id]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as State;
}

function create(bundle: Bundle, ...flags: readonly string[]): Outcome {
  bundle.write();
  return bundle.call(['create', '--bundle', bundle.path, ...flags, bundle.id]);
}

function waitUntil(isSo: () => boolean): void {
  const end = Date.now() + 10_000;
  while (!isSo()) {
    assert.ok(Date.now() < end, 'it has not come to be so within ten seconds');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  }
}

function stop(bundle: Bundle): void {
  assert.equal(bundle.call(['kill', bundle.id, 'KILL']).code, 0);
  waitUntil(() => stateOf(bundle).status === 'stopped');
}

test('a container is created, running, stopped and gone', () => {
  using bundle = new Bundle();
  bundle.config['annotations'] = { 'org.example': 'x', __proto__x: 'y' };
  bundle.script(`touch /begun; exec sleep 1000`);
  assert.equal(create(bundle).code, 0);
  const created = stateOf(bundle);
  assert.deepEqual([created.status, created.id, created.bundle], ['created', bundle.id, bundle.path]);
  assert.deepEqual(created.annotations, bundle.config['annotations']);
  assert.equal(existsSync(`${bundle.rootfs}/begun`), false);
  assert.equal(readlinkSync(`/proc/${created.pid}/root`), '/');

  assert.equal(bundle.call(['start', bundle.id]).code, 0);
  waitUntil(() => existsSync(`${bundle.rootfs}/begun`));
  assert.deepEqual(stateOf(bundle), { ...created, status: 'running' });

  stop(bundle);
  assert.equal(stateOf(bundle).pid, 0);
  assert.equal(bundle.call(['delete', bundle.id]).code, 0);
  assert.deepEqual(bundle.leftovers(), []);
  assert.equal(bundle.call(['state', bundle.id]).code, 1);
});

test('what comes at the wrong time is refused in words', () => {
  using bundle = new Bundle();
  const refused = (args: readonly string[], message: RegExp): void => {
    const { code, stdout, stderr } = bundle.call(args);
    assert.deepEqual([code, stdout], [1, ''], args.join(' '));
    assert.match(stderr, message);
  };
  for (const verb of ['start', 'state', 'kill', 'delete', 'ps'])
    refused([verb, 'nobody'], /^runt: The container nobody does not exist\n$/);
  bundle.script('exec sleep 1000');
  create(bundle);
  refused(['create', '-b', bundle.path, bundle.id], /A container .* exists already/);
  refused(['run', '-b', bundle.path, bundle.id], /A container .* exists already/);
  bundle.call(['start', bundle.id]);
  refused(['start', bundle.id], /cannot be started: it is running, not created/);
  refused(['delete', bundle.id], /is running: stop it first or use --force/);
  refused(['kill', bundle.id, 'NOSUCH'], /The signal "NOSUCH" is unknown/);
  stop(bundle);
  refused(['kill', bundle.id], /The container .* is not running/);
  refused(['start', bundle.id], /cannot be started: it is stopped/);
});

test('delete takes a created container, with --force a running one, and nothing as well', () => {
  using bundle = new Bundle();
  create(bundle);
  assert.equal(bundle.call(['delete', bundle.id]).code, 0);
  bundle.start();
  assert.equal(bundle.call(['delete', '--force', bundle.id]).code, 0);
  assert.equal(bundle.call(['delete', '--force', bundle.id]).code, 0);
  assert.deepEqual(bundle.leftovers(), []);
});

test('signals go by name and number, to the first process or with --all to every one', () => {
  using bundle = new Bundle();
  bundle.script(
    'trap "echo usr1 >> /seen" USR1; trap "echo term >> /seen" TERM; echo up > /seen; while :; do sleep 0.02; done',
  );
  create(bundle);
  bundle.call(['start', bundle.id]);
  const seen = (): string =>
    existsSync(`${bundle.rootfs}/seen`) ? readFileSync(`${bundle.rootfs}/seen`, 'utf8') : '';
  waitUntil(() => seen() === 'up\n');
  for (const [signal, text] of [
    ['SIGUSR1', 'usr1\n'],
    ['usr1', 'usr1\n'],
    ['10', 'usr1\n'],
    [undefined, 'term\n'],
  ] as const) {
    const before = seen();
    assert.equal(bundle.call(['kill', bundle.id, ...(signal === undefined ? [] : [signal])]).code, 0);
    waitUntil(() => seen() === before + text);
  }
  assert.equal(bundle.call(['kill', '--all', bundle.id, 'KILL']).code, 0);
  waitUntil(() => stateOf(bundle).status === 'stopped');
});

test('list shows every container, in a table, as JSON and as ids', () => {
  using bundle = new Bundle();
  assert.equal(bundle.call(['list', '-q']).stdout, '');
  create(bundle);
  const { pid, status } = stateOf(bundle);
  assert.equal(bundle.call(['list', '-q']).stdout, `${bundle.id}\n`);
  const [entry] = JSON.parse(bundle.call(['list', '--format', 'json']).stdout) as Record<string, unknown>[];
  assert.deepEqual([entry?.['id'], entry?.['pid'], entry?.['status']], [bundle.id, pid, status]);
  const [heading = '', row = ''] = bundle.call(['list']).stdout.split('\n');
  assert.match(heading, /^ID +PID +STATUS +BUNDLE +CREATED +OWNER$/);
  assert.match(row, new RegExp(`^${bundle.id} +${pid} +created +${bundle.path} +[0-9T:.Z-]+ +root$`));
});

test('ps shows the container’s processes and no others', () => {
  using bundle = new Bundle();
  bundle.start();
  const { pid } = stateOf(bundle);
  assert.deepEqual(JSON.parse(bundle.call(['ps', '--format', 'json', bundle.id]).stdout), [pid]);
  const { stdout } = bundle.call(['ps', bundle.id]);
  assert.equal(stdout.trimEnd().split('\n').length, 2);
  assert.match(stdout, new RegExp(`^UID +PID .*\\n\\w+ +${pid} .* sleep 1000\\n$`));
  assert.match(
    bundle.call(['ps', bundle.id, '-o', 'pid,comm']).stdout,
    new RegExp(`^ +PID COMMAND\\n *${pid} sleep\\n$`),
  );
});

test('--pid-file has the pid of the first process', () => {
  using bundle = new Bundle();
  const file = `${bundle.folder}/pid`;
  writeFileSync(file, 'old');
  create(bundle, '--pid-file', file);
  assert.equal(readFileSync(file, 'utf8'), String(stateOf(bundle).pid));
  bundle.config.linux['cgroupsPath'] = `/${bundle.id}-2`;
  bundle.write();
  const { code, stderr } = bundle.call([
    'run',
    '-b',
    bundle.path,
    '--pid-file',
    '/no/such/pid',
    `${bundle.id}-2`,
  ]);
  assert.equal(code, 1);
  assert.match(stderr, /Write the pid file \/no\/such\/pid: ENOENT/);
  assert.deepEqual(cgroupsNamed(`${bundle.id}-2`), []);
});

test('--preserve-fds passes that many descriptors on and no more; a closed one never becomes one of ours', () => {
  using bundle = new Bundle();
  writeFileSync(`${bundle.folder}/three`, 'three\n');
  const descriptors = [0, 1].map(() => openSync(`${bundle.folder}/three`, 'r'));
  try {
    bundle.script('cat <&3; ls /proc/self/fd | wc -l').write();
    const run = (count: number): Outcome =>
      bundle.call(['run', '-b', bundle.path, '--preserve-fds', String(count), bundle.id], { descriptors });
    // ls itself holds one on the directory.
    assert.deepEqual(run(1), { code: 0, stdout: 'three\n5\n', stderr: '' });
    assert.deepEqual(run(30), {
      code: 0,
      stdout: '6\n',
      stderr: 'runt: The flag --preserve-fds 30 counts descriptors that are not open: 28 are left out\n',
    });
  } finally {
    descriptors.forEach((fd) => closeSync(fd));
  }
});

test('errors and warnings go to --log as text or JSON, and errors to stderr as well', () => {
  using bundle = new Bundle();
  const log = `${bundle.folder}/log`;
  const failing = (...flags: readonly string[]): Outcome => bundle.call([...flags, 'state', 'nobody']);
  assert.equal(failing('--log', log).stderr, 'runt: The container nobody does not exist\n');
  assert.match(
    readFileSync(log, 'utf8'),
    /^time="[^"]+" level=error msg="The container nobody does not exist"\n$/,
  );
  failing('--log', log, '--log-format', 'json');
  const last = readFileSync(log, 'utf8').trimEnd().split('\n').at(-1) ?? '';
  const { level, msg, time } = JSON.parse(last) as Record<string, string>;
  assert.deepEqual(
    [level, msg, Number.isNaN(Date.parse(time ?? ''))],
    ['error', 'The container nobody does not exist', false],
  );
  assert.match(failing('--log-format', 'yaml').stderr, /The log format "yaml" is unknown/);
});

test('--debug logs what is done', () => {
  using bundle = new Bundle();
  const log = `${bundle.folder}/log`;
  bundle.write();
  assert.equal(bundle.call(['--debug', '--log', log, 'run', '-b', bundle.path, bundle.id]).code, 0);
  assert.match(readFileSync(log, 'utf8'), /level=debug/);
});

test('spec writes a document that runs, and never over another', () => {
  using bundle = new Bundle();
  assert.equal(runCommand([RUNT, 'spec', '--bundle', bundle.path]).code, 0);
  const config = JSON.parse(readFileSync(`${bundle.path}/config.json`, 'utf8')) as {
    process: Record<string, unknown>;
  };
  Object.assign(config.process, { terminal: false, args: ['echo', 'runs'], env: ['PATH=/bin'] });
  writeFileSync(`${bundle.path}/config.json`, JSON.stringify(config));
  for (const name of ['runt', 'crun', 'runc'] as const) {
    assert.equal(bundle.call(['run', '-b', bundle.path, bundle.id], {}, name).stdout, 'runs\n', name);
  }
  assert.match(bundle.call(['spec', '-b', bundle.path]).stderr, /exists already: remove it first/);
});

test('--version and --help work, with and without a verb', () => {
  assert.match(
    runCommand([RUNT, '--version']).stdout,
    /^runt version \d+\.\d+\.\d+\ncommit: [\w-]+\nspec: 1\.\d\.\d\n$/,
  );
  assert.match(runCommand([RUNT, '--help']).stdout, /create +make a container/);
  for (const verb of ['run', 'create', 'start', 'state', 'kill', 'delete', 'list', 'exec', 'ps', 'spec']) {
    const { code, stdout } = runCommand([RUNT, verb, '--help']);
    assert.deepEqual(
      [code, stdout.startsWith(`NAME:\n   runt ${verb} - the peer of runc ${verb}\n`)],
      [0, true],
      verb,
    );
  }
  const { code, stderr } = runCommand([RUNT, 'frobnicate']);
  const text = `runt: Unknown command "frobnicate": --help lists the commands (No help topic for 'frobnicate')\n`;
  assert.deepEqual([code, stderr], [1, text]);
});

test('--no-pivot works, and --root may be any directory, made if it is missing', () => {
  using bundle = new Bundle();
  bundle.script('ls -d /bin/busybox; ls / | grep -c work').write();
  const root = `${bundle.folder}/deep/er`;
  const { code, stdout } = runCommand([
    RUNT,
    '--root',
    root,
    'run',
    '--no-pivot',
    '-b',
    bundle.path,
    bundle.id,
  ]);
  assert.deepEqual([code, stdout], [1, '/bin/busybox\n0\n']);
  assert.equal(statSync(root).mode & 0o777, 0o700);
});

test('the bundle is the current directory unless it is named', () => {
  using bundle = new Bundle();
  bundle.script('echo here').write();
  mkdirSync(`${bundle.path}/sub`);
  assert.equal(bundle.call(['run', bundle.id], { cwd: bundle.path }).stdout, 'here\n');
  assert.equal(bundle.call(['run', '-b', '..', bundle.id], { cwd: `${bundle.path}/sub` }).stdout, 'here\n');
});
