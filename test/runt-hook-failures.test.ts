// Hooks that fail, that stay too long, and that are no hooks.

import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Bundle } from './runtime/bundle.ts';
import { logOf, setHooks, shell, type Hook } from './runtime/hooks.ts';

for (const kind of ['prestart', 'createRuntime', 'createContainer', 'startContainer']) {
  test(`a hook of ${kind} that fails is the container's end, and the error says which and why`, () => {
    using bundle = new Bundle();
    const poststop = [shell(`echo poststop > ${bundle.folder}/log`)];
    setHooks(bundle, { [kind]: [shell('true'), shell('echo out; echo no luck >&2; exit 3')], poststop });
    bundle.script('echo never');
    const { code, stdout, stderr } = bundle.run();
    const text = `The hook ${kind}[1], /bin/sh, ended with exit code 3: out | no luck (error running hook)`;
    assert.deepEqual([code, stdout, stderr], [1, '', `runt: ${text}\n`]);
    assert.deepEqual(bundle.leftovers(), []);
    assert.deepEqual(logOf(bundle), kind === 'startContainer' ? [] : ['poststop']);
  });
}

test('a hook of startContainer that fails after create is told by start, which deletes the container', () => {
  using bundle = new Bundle();
  const log = `${bundle.folder}/log`;
  setHooks(bundle, {
    startContainer: [shell('echo inside >&2; exit 4')],
    poststart: [shell(`echo poststart >> ${log}`)],
    poststop: [shell(`echo poststop >> ${log}`)],
  });
  bundle.write();
  assert.equal(bundle.call(['create', '-b', bundle.path, bundle.id]).code, 0);
  const { code, stderr } = bundle.call(['start', bundle.id]);
  assert.equal(code, 1);
  assert.equal(
    stderr,
    'runt: The hook startContainer[0], /bin/sh, ended with exit code 4: inside (error running hook)\n',
  );
  assert.deepEqual(bundle.leftovers(), []);
  assert.deepEqual(logOf(bundle), ['poststop']);
});

/** The first fails, the second writes its name into the log. */
function failingHooks(log: string, kind: string): readonly Hook[] {
  return [shell('echo bad >&2; exit 5'), shell(`echo ${kind} >> ${log}`)];
}

test('hooks of poststop that fail are warnings, and the rest still run', () => {
  using bundle = new Bundle();
  setHooks(bundle, { poststop: failingHooks(`${bundle.folder}/log`, 'poststop') });
  bundle.script('exit 6');
  const { code, stderr } = bundle.run();
  assert.equal(code, 6);
  assert.ok(stderr.includes('The hook poststop[0], /bin/sh, ended with exit code 5: bad'), stderr);
  assert.deepEqual(logOf(bundle), ['poststop']);
  bundle.script('sleep 1000').write();
  bundle.start();
  const deleted = bundle.call(['delete', '--force', bundle.id]);
  assert.deepEqual([deleted.code, /The hook poststop\[0\]/.test(deleted.stderr)], [0, true]);
});

test('a hook of poststart that fails ends the container, by run as by start', () => {
  using bundle = new Bundle();
  const log = `${bundle.folder}/log`;
  setHooks(bundle, {
    poststart: failingHooks(log, 'poststart'),
    poststop: [shell(`echo poststop >> ${log}`)],
  });
  bundle.script('sleep 1000');
  const expected = 'runt: The hook poststart[0], /bin/sh, ended with exit code 5: bad (error running hook)\n';
  const run = bundle.run();
  assert.deepEqual([run.code, run.stderr], [1, expected]);
  assert.deepEqual(bundle.leftovers(), []);
  assert.equal(bundle.call(['create', '-b', bundle.path, bundle.id]).code, 0);
  const started = bundle.call(['start', bundle.id]);
  assert.deepEqual([started.code, started.stderr], [1, expected]);
  assert.deepEqual(bundle.leftovers(), []);
  assert.deepEqual(logOf(bundle), ['poststop', 'poststop']);
});

test('poststop runs where the bundle is gone', () => {
  using bundle = new Bundle();
  setHooks(bundle, { poststop: [shell(`cat > ${bundle.folder}/log`)] });
  bundle.start();
  bundle.call(['kill', bundle.id, 'KILL']);
  rmSync(bundle.path, { recursive: true });
  const { code, stderr } = bundle.call(['delete', '--force', bundle.id]);
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(logOf(bundle).join(), new RegExp(`"id":"${bundle.id}","status":"stopped"`));
});

test('a hook that outlives its timeout is killed with its process group', () => {
  using bundle = new Bundle();
  const pids = `${bundle.folder}/log`;
  setHooks(bundle, { createRuntime: [shell(`sleep 1000 & echo $! $$ > ${pids}; wait`, { timeout: 1 })] });
  const { code, stderr } = bundle.run();
  assert.equal(code, 1);
  assert.match(
    stderr,
    /The hook createRuntime\[0\], \/bin\/sh, did not end within its timeout of 1 s and was killed/,
  );
  for (const pid of logOf(bundle).join().split(' ')) assert.ok(!isAlive(pid), pid);
});

test('a hook does not survive runt', async () => {
  using bundle = new Bundle();
  setHooks(bundle, { createRuntime: [{ path: '/bin/sleep', args: ['sleep', '1000'] }] });
  bundle.write();
  const { pid, outcome } = bundle.spawn(['run', '-b', bundle.path, bundle.id]);
  const children = (of: number): readonly string[] =>
    readFileSync(`/proc/${of}/task/${of}/children`, 'utf8').split(' ').filter(Boolean);
  const nameOf = (of: string): string => readFileSync(`/proc/${of}/comm`, 'utf8').trim();
  let hook: string | undefined;
  while (hook === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    hook = children(pid).find((one) => nameOf(one) === 'sleep');
  }
  process.kill(pid, 'SIGKILL');
  await outcome.catch(() => undefined);
  while (isAlive(hook)) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(bundle.call(['delete', '--force', bundle.id]).code, 0);
});

test('a hook that leaves a process behind keeps nobody waiting', () => {
  using bundle = new Bundle();
  setHooks(bundle, { createRuntime: [shell(`sleep 1000 & echo $! > ${bundle.folder}/log`)] });
  bundle.output();
  process.kill(Number(logOf(bundle)[0]), 'SIGKILL');
});

test('a hook that cannot be executed', () => {
  using bundle = new Bundle();
  writeFileSync(`${bundle.folder}/plain`, 'text');
  for (const [path, why] of [
    ['/no/where', 'ENOENT'],
    [`${bundle.folder}/plain`, 'EACCES'],
  ] as const) {
    setHooks(bundle, { createRuntime: [{ path }] });
    const { code, stderr } = bundle.run();
    assert.deepEqual(
      [code, stderr],
      [
        1,
        `runt: The hook createRuntime[0], ${path}, ended with exit code 127: ${why} (error running hook)\n`,
      ],
    );
  }
});

test('hooks that are wrong are refused by name', () => {
  const wrong: readonly (readonly [unknown, string])[] = [
    [{ prestart: {} }, 'hooks.prestart'],
    [{ prestart: [{}] }, 'hooks.prestart[0].path'],
    [{ poststop: [{ path: 'bin/true' }] }, 'hooks.poststop[0].path'],
    [{ poststart: [{ path: '/bin/true', args: 'x' }] }, 'hooks.poststart[0].args'],
    [{ createRuntime: [{ path: '/bin/true', env: [1] }] }, 'hooks.createRuntime[0].env[0]'],
    [{ createContainer: [{ path: '/bin/true', timeout: 0 }] }, 'hooks.createContainer[0].timeout'],
    [{ startContainer: [{ path: '/bin/true', timeout: '5' }] }, 'hooks.startContainer[0].timeout'],
  ];
  for (const [hooks, field] of wrong) {
    using bundle = new Bundle();
    bundle.config['hooks'] = hooks;
    const { code, stderr } = bundle.run();
    assert.equal(code, 1);
    assert.ok(stderr.includes(`The field ${field} must be`), stderr);
  }
});

function isAlive(pid: string): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
