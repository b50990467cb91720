// The whole life of a container by our own runtime, crun and runc alike.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { byVersion, cgroupSays } from './engine/cgroup.ts';
import { Engine, isAlive, until } from './engine/engine.ts';

const RUNTIMES = ['runt', 'crun', 'runc'];

/** What other runtimes keep. */
function states(engine: Engine): readonly string[] {
  if (!existsSync(engine.run)) return [];
  return readdirSync(engine.run)
    .filter((name) => name.startsWith('runt'))
    .flatMap((folder) => readdirSync(join(engine.run, folder)).map((id) => `${folder}/${id}`));
}

for (const runtime of RUNTIMES) {
  test(`${runtime}: streams, exit codes, input and signals`, async () => {
    using engine = new Engine();
    const run = (...args: readonly string[]) => engine.call(['run', '--rm', '--runtime', runtime, ...args]);
    const { code, text, stderr } = run('busybox', 'sh', '-c', 'echo out; echo err >&2; exit 7');
    assert.deepEqual([code, text, stderr], [7, 'out\n', 'err\n']);
    const input = 'x'.repeat(300_000);
    const echoed = engine.call(['run', '--rm', '-i', '--runtime', runtime, 'busybox', 'cat'], { input });
    assert.equal(echoed.text, input);
    assert.equal(run('busybox', 'sh', '-c', 'sh -c "kill -9 \\$\\$"; exit $?').code, 137);
    assert.equal(run('busybox', 'nosuch').code, 127);
    assert.equal(run('busybox', '/etc/passwd').code, 126);
    assert.match(run('-t', 'busybox', 'tty').text, /^\/dev\/pts\/0\r?\n$/);
    assert.deepEqual([engine.traces(), states(engine)], [[], []]);
  });

  test(`${runtime}: what a container has: filter, capabilities, limits, mounts, namespaces`, () => {
    using engine = new Engine();
    const script =
      'grep -E "Seccomp:|CapBnd|NoNewPrivs" /proc/self/status; hostname; id -u; pwd; cat /v/x; ulimit -n';
    const flags = [
      '--hostname=here',
      '-u',
      'jane',
      '-w',
      '/tmp',
      '--ulimit',
      'nofile=100:200',
      '--tmpfs',
      '/t',
    ];
    engine.script('echo kept >/v/x', '-v', 'v:/v');
    const { text } = engine.script(
      script,
      '--runtime',
      runtime,
      '--cap-drop=MKNOD',
      '-v',
      'v:/v:ro',
      ...flags,
    );
    assert.deepEqual(text.trim().split('\n'), [
      'CapBnd:\t00000000a00425fb',
      'NoNewPrivs:\t0',
      'Seccomp:\t2',
      'here',
      '1000',
      '/tmp',
      'kept',
      '100',
    ]);
    const id = engine.note(
      engine.ok('run', '-d', '--runtime', runtime, '-m', '64m', 'busybox', 'sleep', '1000'),
    );
    assert.equal(cgroupSays(id, { v1: 'memory/memory.limit_in_bytes', v2: 'memory.max' }), String(64 << 20));
    assert.equal(byVersion(1, 2) > 0, true);
  });

  test(`${runtime}: create, start, exec, stop, kill, restart, policies and removal`, async () => {
    using engine = new Engine();
    const id = engine.note(
      engine.ok('create', '--name', 'c', '--runtime', runtime, 'busybox', 'sleep', '1000'),
    );
    engine.ok('start', 'c');
    assert.equal(engine.ok('exec', 'c', 'sh', '-c', 'echo in; echo x >/kept'), 'in');
    assert.equal(engine.call(['exec', '-i', 'c', 'cat'], { input: 'through' }).text, 'through');
    assert.equal(engine.call(['exec', 'c', 'sh', '-c', 'exit 5']).code, 5);
    assert.equal(engine.call(['exec', 'c', 'nosuch']).code, 127);
    engine.ok('restart', '-t', '0', 'c');
    assert.equal(engine.ok('exec', '-u', 'jane', 'c', 'sh', '-c', 'cat /kept; id -u'), 'x\n1000');
    engine.ok('kill', 'c');
    assert.equal(engine.ok('wait', 'c'), '137');
    engine.ok('start', 'c');
    engine.ok('stop', '-t', '0', 'c');
    engine.ok('rm', 'c');
    assert.deepEqual([engine.traces(), states(engine)], [[], []]);
    engine.ok(
      'run',
      '-d',
      '--name',
      'p',
      '--restart=always',
      '--runtime',
      runtime,
      'busybox',
      'sh',
      '-c',
      'echo x >>/n; wc -l </n',
    );
    await until('three lives', () => engine.ok('logs', 'p').includes('3'));
    engine.ok('rm', '-f', 'p');
    assert.ok(id.length > 0);
    assert.deepEqual([engine.traces(), states(engine)], [[], []]);
  });

  test(`${runtime}: a monitor that is killed leaves what rm -f removes`, async () => {
    using engine = new Engine();
    const id = engine.note(
      engine.ok('run', '-d', '--name', 'k', '--runtime', runtime, 'busybox', 'sleep', '1000'),
    );
    const journal = readFileSync(join(engine.store, 'containers', id, 'journal'), 'utf8');
    const pid = Number(/"pid":(\d+)/.exec(journal)?.[1]);
    const monitor = Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
    process.kill(monitor, 'SIGKILL');
    await until('the loss', () => /Lost/.test(engine.ok('ps')));
    engine.ok('rm', '-f', 'k');
    assert.equal(isAlive(pid), false);
    assert.deepEqual([engine.traces(), states(engine)], [[], []]);
  });
}
