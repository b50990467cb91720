import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine, outcomeOf, until } from './engine/engine.ts';

const SLEEPER = ['busybox', 'sleep', '1000'] as const;

test('run --detach prints the ID, and ps, inspect and logs tell of the container', async () => {
  using engine = new Engine();
  const id = engine.note(
    engine.ok(
      'run',
      '-d',
      '--name',
      'one',
      '-l',
      'a=b',
      'busybox',
      'sh',
      '-c',
      'echo out; echo err >&2; exec sleep 1000',
    ),
  );
  assert.match(id, /^[0-9a-f]{64}$/);
  assert.equal(engine.ok('ps', '-q'), id.slice(0, 12));
  assert.equal(engine.ok('ps', '-q', '--no-trunc'), id);
  const row = JSON.parse(engine.ok('ps', '--format', 'json')) as Record<string, string>;
  assert.deepEqual([row['Names'], row['Image'], row['State']], ['one', 'busybox', 'running']);
  assert.match(
    engine.ok('ps'),
    /^CONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES\n[0-9a-f]{12} +busybox +"sh -c echo out; ech…" .* Up .* one$/,
  );
  await until(
    'both lines',
    () => engine.call(['logs', 'one']).text + engine.call(['logs', 'one']).stderr === 'out\nerr\n',
  );
  const [inspected] = JSON.parse(engine.ok('inspect', id.slice(0, 6))) as [
    Record<string, Record<string, unknown>>,
  ];
  assert.equal(inspected['Id'], id);
  assert.equal(inspected['Name'], '/one');
  assert.deepEqual(inspected['Config']?.['Labels'], { a: 'b' });
  assert.equal(inspected['State']?.['Running'], true);
  assert.equal(
    engine.ok('inspect', '-f', '{{.State.Status}} {{json .Args}}', 'one'),
    'running ["-c","echo out; echo err >\\u00262; exec sleep 1000"]'.replace('\\u0026', '&'),
  );
});

test('an ended container keeps its exit code, its output and its place in ps -a until rm', () => {
  using engine = new Engine();
  const outcome = engine.call(['run', '--name', 'done', 'busybox', 'sh', '-c', 'echo kept; exit 3']);
  assert.deepEqual([outcome.code, outcome.text], [3, 'kept\n']);
  assert.equal(engine.ok('ps', '-q'), '');
  assert.match(engine.ok('ps', '-a'), /Exited \(3\) .* ago .* done$/m);
  assert.equal(engine.ok('wait', 'done'), '3');
  assert.equal(engine.ok('logs', 'done'), 'kept');
  assert.equal(engine.ok('inspect', '-f', '{{.State.ExitCode}}', 'done'), '3');
  assert.equal(engine.ok('rm', 'done'), 'done');
  assert.deepEqual(engine.traces(), []);
});

test('wait waits for the end, and stop asks before it kills', async () => {
  using engine = new Engine();
  engine.ok(
    'run',
    '-d',
    '--name',
    'polite',
    'busybox',
    'sh',
    '-c',
    'trap "exit 7" TERM; echo ready; while :; do sleep 0.05; done',
  );
  engine.ok(
    'run',
    '-d',
    '--name',
    'deaf',
    'busybox',
    'sh',
    '-c',
    'trap "" TERM; echo ready; while :; do sleep 0.05; done',
  );
  for (const name of ['polite', 'deaf']) await until('the trap', () => engine.ok('logs', name) === 'ready');
  const waiting = outcomeOf(engine.start(['wait', 'polite', 'deaf']));
  assert.equal(engine.ok('stop', '-t', '1', 'polite', 'deaf'), 'polite\ndeaf');
  assert.equal((await waiting).text, '7\n137\n');
  assert.equal(engine.ok('stop', 'polite'), 'polite');
});

test("stop sends the image's own signal", async () => {
  using engine = new Engine({ StopSignal: 'SIGUSR1' });
  engine.ok(
    'run',
    '-d',
    '--name',
    'own',
    'busybox',
    'sh',
    '-c',
    'trap "exit 9" USR1; echo ready; while :; do sleep 0.05; done',
  );
  await until('the trap', () => engine.ok('logs', 'own') === 'ready');
  engine.ok('stop', 'own');
  assert.equal(engine.ok('wait', 'own'), '9');
});

test('kill sends the signal that is named', async () => {
  using engine = new Engine();
  engine.ok(
    'run',
    '-d',
    '--name',
    'k',
    'busybox',
    'sh',
    '-c',
    'trap "exit 8" HUP; echo ready; while :; do sleep 0.05; done',
  );
  await until('the trap', () => engine.ok('logs', 'k') === 'ready');
  assert.equal(engine.ok('kill', '-s', 'HUP', 'k'), 'k');
  assert.equal(engine.ok('wait', 'k'), '8');
  const again = engine.call(['kill', 'k']);
  assert.deepEqual([again.code, again.stderr], [1, 'corten: The container k is not running\n']);
  assert.equal(engine.call(['kill', '-s', 'NONSENSE', 'k']).code, 125);
});

test('rm refuses a container that runs, and rm -f takes it with all of its processes', () => {
  using engine = new Engine();
  const id = engine.note(
    engine.ok('run', '-d', '--name', 'busy', 'busybox', 'sh', '-c', 'sleep 1000 & sleep 1000'),
  );
  const refused = engine.call(['rm', 'busy']);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /busy is running/);
  assert.equal(engine.ok('rm', '-f', id.slice(0, 12)), id.slice(0, 12));
  assert.deepEqual(engine.traces(), []);
  assert.equal(engine.call(['rm', '-f', 'busy']).code, 0);
  assert.equal(engine.call(['rm', 'busy']).code, 1);
});

test('run -d --rm removes the container when it ends', async () => {
  using engine = new Engine();
  const id = engine.note(engine.ok('run', '-d', '--rm', ...SLEEPER));
  engine.ok('stop', '-t', '0', id);
  assert.deepEqual(engine.traces(), []);
});

test('--name: a name belongs to one container at a time', () => {
  using engine = new Engine();
  engine.ok('run', '-d', '--name', 'mine', ...SLEEPER);
  const second = engine.call(['run', '-d', '--name', 'mine', ...SLEEPER]);
  assert.equal(second.code, 125);
  assert.match(second.stderr, /The name "mine" belongs to the container [0-9a-f]{12}/);
  assert.equal(engine.ok('ps', '-aq').split('\n').length, 1);
  engine.ok('rm', '-f', 'mine');
  engine.ok('run', '-d', '--name', 'mine', ...SLEEPER);
});

test('an ID may be shortened as long as it is the only one', () => {
  using engine = new Engine();
  const ids = Array.from({ length: 17 }, () => engine.ok('run', '-d', ...SLEEPER));
  const first = ids[0] ?? '';
  assert.equal(engine.ok('inspect', '-f', '{{.Id}}', first.slice(0, 12)), first);
  const digit =
    '0123456789abcdef'.split('').find((one) => ids.filter((id) => id.startsWith(one)).length > 1) ?? '';
  assert.match(engine.call(['inspect', digit]).stderr, /More than one container's ID begins with/);
  assert.match(engine.call(['inspect', 'absent']).stderr, /There is no container "absent"/);
});

test('logs -f shows what comes until the end; --tail and --timestamps choose', async () => {
  using engine = new Engine();
  engine.ok(
    'run',
    '-d',
    '--name',
    'talk',
    'busybox',
    'sh',
    '-c',
    'for i in 1 2 3; do echo $i; sleep 0.2; done; printf end',
  );
  const { text, code } = await outcomeOf(engine.start(['logs', '-f', 'talk']));
  assert.deepEqual([text, code], ['1\n2\n3\nend', 0]);
  assert.equal(engine.ok('logs', '--tail', '2', 'talk'), '3\nend');
  assert.equal(engine.ok('logs', '--tail', '0', 'talk'), '');
  assert.match(
    engine.ok('logs', '-t', '--tail', '2', 'talk'),
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z 3\n\S+ end$/,
  );
  assert.equal(engine.ok('logs', '--since', '2020-01-01', 'talk'), '1\n2\n3\nend');
  assert.equal(engine.ok('logs', '--since', '2999-01-01', 'talk'), '');
});

test('logs are capped: the newest 20 to 30 MB stay', () => {
  using engine = new Engine();
  // 500,000 lines of 100 bytes.
  const script =
    'yes 123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789 | head -n 500000; echo last';
  engine.ok('run', '--name', 'much', 'busybox', 'sh', '-c', `(${script}) >&2`);
  const { stderr } = engine.call(['logs', 'much']);
  assert.ok(stderr.endsWith('9\nlast\n'));
  assert.ok(stderr.length > 10 << 20 && stderr.length < 30 << 20, `${stderr.length} bytes`);
});

test('exec runs in the container, with streams, exit code, user, directory and variables of its own', () => {
  using engine = new Engine();
  engine.ok('run', '-d', '--name', 'e', '-e', 'OF_RUN=1', ...SLEEPER);
  const exec = (...args: readonly string[]): ReturnType<Engine['call']> =>
    engine.call(['exec', ...args], { input: 'given' });
  const both = exec('e', 'sh', '-c', 'echo out; echo err >&2; exit 6');
  assert.deepEqual([both.code, both.text, both.stderr], [6, 'out\n', 'err\n']);
  assert.equal(exec('e', 'cat').text, '');
  assert.equal(exec('-i', 'e', 'cat').text, 'given');
  const shown = exec(
    '-u',
    'jane',
    '-w',
    '/tmp',
    '-e',
    'A=b',
    'e',
    'sh',
    '-c',
    'echo $(id -u) $(pwd) $A $OF_RUN $HOME',
  );
  assert.equal(shown.text, '1000 /tmp b 1 /home/jane\n');
  assert.equal(exec('e', 'nosuch').code, 127);
  assert.equal(exec('e', '/etc/passwd').code, 126);
  assert.equal(exec('-u', 'nobody', 'e', 'true').code, 1);
  assert.equal(exec('absent', 'true').code, 1);
  assert.equal(exec('e', 'sh', '-c', 'kill -9 $$').code, 137);
  assert.equal(exec('e', 'hostname').text, engine.ok('exec', 'e', 'cat', '/etc/hostname') + '\n');
});

test('exec -d returns at once and the program runs on', async () => {
  using engine = new Engine();
  engine.ok('run', '-d', '--name', 'd', ...SLEEPER);
  engine.ok('exec', '-d', 'd', 'sh', '-c', 'sleep 0.2; echo done >/tmp/done');
  await until('the file', () => engine.call(['exec', 'd', 'cat', '/tmp/done']).text === 'done\n');
});

test('commands without a word say what is missing, help names every flag, and what is unknown exits with 125', () => {
  using engine = new Engine();
  for (const verb of [
    'run',
    'ps',
    'logs',
    'exec',
    'stop',
    'kill',
    'rm',
    'wait',
    'inspect',
    'load',
    'images',
    'rmi',
    'version',
  ]) {
    const help = engine.call([verb, '--help']);
    assert.deepEqual([help.code, help.stderr], [0, ''], verb);
    assert.match(help.text, new RegExp(`^corten ${verb}.*\\n\\n[A-Z][^]*\\n\\nFlags:\\n[^]*--help`));
    assert.equal(engine.call([verb, '--no-such-flag']).code, 125, verb);
  }
  for (const verb of ['logs', 'exec', 'stop', 'kill', 'rm', 'wait', 'inspect', 'rmi'])
    assert.equal(engine.call([verb]).code, 125, verb);
  assert.equal(engine.call(['no-such-verb']).code, 125);
  assert.match(engine.ok('--help'), /^ {2}run {7}/m);
  assert.match(engine.ok('--version'), /^corten version \d/);
});
