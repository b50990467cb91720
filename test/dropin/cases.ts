import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { spawn } from 'node:child_process';
import { outcomeOf, until } from '../engine/engine.ts';
import type { Peer } from './peer.ts';
import { chosenRuntime } from './runtimes.ts';

/** What people do with an engine, whichever it is. */
export function commonCases(peer: Peer): void {
  const { name: engine } = peer.engine;
  const title = (text: string): string => `${engine}: ${text}`;

  test(title('run passes streams and exit code, in both directions'), () => {
    const { code, stdout, stderr } = peer.script('echo out; echo err >&2; exit 7');
    assert.deepEqual([code, stdout, stderr], [7, 'out\n', 'err\n']);
    const args = ['run', ...peer.engine.runFlags, '--rm', '-i', 'busybox', 'cat'];
    assert.equal(peer.call(args, { input: 'through\n' }).stdout, 'through\n');
  });

  test(title('a program that is missing gives 127, one that cannot be executed 126'), () => {
    assert.equal(peer.run([], 'nosuch').code, 127);
    assert.equal(peer.run([], '/no/such').code, 127);
    assert.equal(peer.run([], '/etc').code, 126);
    assert.equal(peer.run([], '/etc/passwd').code, 126);
  });

  test(title('run -it has a terminal of the caller’s size, which follows the caller’s'), async () => {
    // Engines set the size a moment after the program has begun. One number is changed: stty sets each by itself,
    // and podman loses the second change where it comes too soon.
    const inside = `trap "echo changed" WINCH; tty; ${untilSize('33 99')}; echo ready; ${untilSize('44 99')}; exit 3`;
    const run = `$ENGINE run --rm -it ${peer.engine.runFlags.join(' ')} busybox sh -c '${inside}'`;
    const child = peer.onTerminal(`tty; stty rows 33 cols 99; ${run}; echo code $?`);
    let seen = '';
    child.stdout?.on('data', (chunk: Buffer) => (seen += String(chunk)));
    await until('the size', () => seen.includes('ready'));
    const [terminal = '', inner] = seen.replaceAll('\r', '').split('\n');
    assert.equal(inner, '/dev/pts/0');
    const ended = outcomeOf(child);
    assert.equal((await outcomeOf(spawn('stty', ['-F', terminal, 'rows', '44']))).code, 0);
    await ended;
    assert.match(seen.replaceAll('\r', ''), /changed\ncode 3\n$/);
  });

  test(title('exec runs as another user, with variables and a directory, and gives the exit code'), () => {
    const name = peer.start([], 'sleep', '1000');
    const exec = (...words: readonly string[]): readonly [number, string] => {
      const { code, stdout } = peer.call(['exec', ...words]);
      return [code, stdout.trimEnd()];
    };
    assert.match(
      exec('--user', 'jane', name, 'id')[1],
      /^uid=1000\(jane\) gid=1001\(jane\) groups=10\(wheel\)/,
    );
    assert.match(exec('--user', '7:9', name, 'id')[1], /^uid=7 gid=9/);
    assert.deepEqual(exec('--env', 'A=b', '--workdir', '/tmp', name, 'sh', '-c', 'echo $A; pwd'), [
      0,
      'b\n/tmp',
    ]);
    assert.deepEqual(exec(name, 'sh', '-c', 'exit 9')[0], 9);
    assert.equal(peer.call(['exec', '-i', name, 'cat'], { input: 'in' }).stdout, 'in');
    // dockerd takes a program of exec that is missing for one that can't be executed.
    assert.equal(exec(name, 'nosuch')[0], engine === 'docker' ? 126 : 127);
    assert.equal(exec(name, '/etc')[0], 126);
    peer.ok('exec', '--detach', name, 'touch', '/tmp/made');
    assert.equal(exec(name, 'ls', '/tmp')[1], 'made');
    peer.remove(name);
  });

  test(title('exec -it has a terminal'), async () => {
    const name = peer.start([], 'sleep', '1000');
    const child = peer.onTerminal(
      `stty rows 33 cols 99; $ENGINE exec -it ${name} sh -c 'tty; ${untilSize('33 99')}; exit 4'; echo code $?`,
    );
    const { text } = await outcomeOf(child);
    assert.equal(text.replaceAll('\r', ''), '/dev/pts/0\ncode 4\n');
    peer.remove(name);
  });

  test(title('stop lets a program handle the signal, and kills one that does not'), async () => {
    const handler = peer.start(
      [],
      'sh',
      '-c',
      'trap "exit 5" TERM; echo ready; while :; do sleep 0.05; done',
    );
    await until('the trap', () => peer.ok('logs', handler) === 'ready');
    peer.ok('stop', '--time', '20', handler);
    assert.equal(peer.inspect(handler, '.State.ExitCode'), '5');
    peer.remove(handler);
    const deaf = peer.start([], 'sleep', '1000');
    peer.ok('stop', '--time', '1', deaf);
    assert.equal(peer.inspect(deaf, '.State.ExitCode'), '137');
    assert.equal(peer.inspect(deaf, '.State.Status'), 'exited');
    peer.ok('start', deaf);
    assert.equal(peer.inspect(deaf, '.State.Running'), 'true');
    peer.remove(deaf);
  });

  test(title('kill sends any signal'), async () => {
    const name = peer.start(
      [],
      'sh',
      '-c',
      'trap "echo got; exit 6" USR1; echo ready; while :; do sleep 0.05; done',
    );
    await until('the trap', () => peer.ok('logs', name) === 'ready');
    peer.ok('kill', '--signal', 'USR1', name);
    assert.equal(peer.ok('wait', name), '6');
    assert.equal(peer.ok('logs', name), 'ready\ngot');
    peer.remove(name);
  });

  test(title('a bind mount shows the host’s files, read-only where asked'), () => {
    const shared = join(peer.engine.folder, 'shared');
    mkdirSync(shared, { recursive: true });
    writeFileSync(join(shared, 'from-host'), 'host');
    const { stdout } = peer.script(
      'cat /x/from-host; echo -n inside > /x/from-inside',
      '--volume',
      `${shared}:/x`,
    );
    assert.deepEqual([stdout, readFileSync(join(shared, 'from-inside'), 'utf8')], ['host', 'inside']);
    const readOnly = peer.script('touch /x/y', '--volume', `${shared}:/x:ro`);
    assert.match(readOnly.stderr, /Read-only file system/);
  });

  test(title('--user, --read-only, --cap-drop, --pids-limit, --hostname and --ulimit hold'), () => {
    assert.match(peer.run(['--user', 'jane'], 'id').stdout, /^uid=1000\(jane\)/);
    const sealed = peer.script(
      'touch /x; touch /t/x && echo written',
      ...READ_ONLY[engine],
      '--volume',
      `${peer.engine.folder}:/t`,
    );
    assert.deepEqual([sealed.stdout, /Read-only file system/.test(sealed.stderr)], ['written\n', true]);
    const powers = peer.run(['--cap-drop', 'ALL'], 'grep', '^Cap', '/proc/self/status').stdout;
    assert.deepEqual(
      new Set(
        powers
          .trim()
          .split('\n')
          .map((line) => line.split('\t')[1]),
      ),
      new Set(['0'.repeat(16)]),
    );
    const forks = peer.script('for i in 1 2 3 4 5 6 7 8 9; do sleep 1 & done; wait', '--pids-limit', '5');
    assert.match(forks.stderr, /can't fork/);
    const { stdout } = peer.script(
      'hostname; ulimit -n',
      '--ulimit',
      'nofile=99:99',
      '--ulimit',
      'nproc=999:999',
      ...hostname(engine),
    );
    assert.equal(stdout, engine === 'podman' ? 'box\n99\n' : `${stdout.split('\n')[0]}\n99\n`);
  });

  // Debian's runc and crun give up where the caller lacks one of the capabilities that dockerd asks for.
  const isControl = engine === 'docker' && chosenRuntime().name !== 'runt';
  if (!isControl)
    test(title('--privileged opens devices and capabilities, as far as the caller has them'), () => {
      const { code, stdout, stderr } = peer.script(
        'grep CapEff /proc/self/status; ls /dev/fuse',
        '--privileged',
      );
      assert.equal(code, 0, stderr);
      assert.match(stdout, /CapEff:\t0000[0-9a-f]{12}\n\/dev\/fuse\n/);
    });

  test(title('a container out of memory is killed, and said to be'), () => {
    const name = peer.start(
      ['--memory', '20m', '--memory-swap', '20m'],
      'sh',
      '-c',
      'head -c 100m /dev/zero | tail',
    );
    assert.equal(peer.ok('wait', name), '137');
    // podman 4.3 shows false under cgroup v1, with its own runtimes too.
    if (engine === 'docker') assert.equal(peer.inspect(name, '.State.OOMKilled'), 'true');
    peer.remove(name);
  });

  test(title('pause, unpause, top, stats and update'), () => {
    const name = peer.start([], 'sleep', '1000');
    peer.ok('pause', name);
    assert.equal(peer.inspect(name, '.State.Status'), 'paused');
    peer.ok('unpause', name);
    assert.equal(peer.inspect(name, '.State.Status'), 'running');
    assert.match(peer.ok('top', name), /sleep 1000/);
    assert.match(peer.ok('stats', '--no-stream', name), new RegExp(`${name}`));
    peer.ok('update', '--memory', '100m', '--memory-swap', '100m', '--cpu-shares', '200', name);
    assert.equal(
      peer.ok('exec', name, 'cat', '/sys/fs/cgroup/memory/memory.limit_in_bytes'),
      String(100 << 20),
    );
    assert.equal(peer.ok('exec', name, 'cat', '/sys/fs/cgroup/cpu/cpu.shares'), '200');
    peer.remove(name);
  });

  test(title('a health check runs in the container'), async () => {
    const name = peer.start(['--health-cmd', 'test -e /tmp/fine', ...healthFlags(engine)], 'sleep', '1000');
    const status = (): string => {
      if (engine === 'podman') peer.call(['healthcheck', 'run', name]);
      return peer.inspect(name, '.State.Health.Status');
    };
    await until('an unhealthy container', () => status() === 'unhealthy');
    peer.ok('exec', name, 'touch', '/tmp/fine');
    await until('a healthy container', () => status() === 'healthy');
    peer.remove(name);
  });

  test(title('twenty containers at once'), async () => {
    const numbers = Array.from({ length: 20 }, (_, index) => String(index));
    const outcomes = await Promise.all(numbers.map((number) => outcomeOf(peer.spawn([], 'echo', number))));
    assert.deepEqual(
      outcomes.map(({ code, text, stderr }) => [code, text, stderr]),
      numbers.map((number) => [0, `${number}\n`, '']),
    );
  });

  test(title('nothing of the runtime is left of containers that are gone'), () => {
    assert.equal(peer.ok('ps', '--all', '--quiet'), '');
  });
}

function untilSize(size: string): string {
  return `until [ "$(stty size 2>/dev/null)" = "${size}" ]; do sleep 0.02; done`;
}

/** podman's own /tmp of a sealed container is copied up. */
const READ_ONLY = { podman: ['--read-only', '--read-only-tmpfs=false'], docker: ['--read-only'] } as const;

/** In the host's network namespace dockerd takes no name of its own. */
function hostname(engine: string): readonly string[] {
  return engine === 'podman' ? ['--hostname', 'box'] : [];
}

/** podman's own timer is systemd's. */
function healthFlags(engine: string): readonly string[] {
  const retries = ['--health-retries', '1'];
  return engine === 'podman'
    ? ['--health-interval', 'disable', ...retries]
    : ['--health-interval', '100ms', ...retries];
}
