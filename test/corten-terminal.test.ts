import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { test } from 'node:test';
import { CORTEN, Engine, outcomeOf, until } from './engine/engine.ts';

/** A shell's script on a terminal of its own (script(1) of Debian's essential bsdutils); CORTEN is in it as $CORTEN. */
function onTerminal(engine: Engine, script: string): ChildProcess {
  return spawn('script', ['-qec', script, '/dev/null'], { env: { ...engine.env, CORTEN, TERM: 'xterm' } });
}

/** All that a command on a terminal has written so far. */
function watch(child: ChildProcess): () => string {
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += String(chunk)));
  return () => text;
}

test('run --interactive --tty gives the program a terminal of the size of ours, and follows when that changes', async () => {
  using engine = new Engine();
  const inside = 'stty size; trap "stty size; exit 3" WINCH; echo ready; while :; do sleep 0.05; done';
  const child = onTerminal(
    engine,
    `tty; stty rows 33 cols 99; $CORTEN run --rm --name size -it busybox sh -c '${inside}'; echo code $?`,
  );
  const seen = watch(child);
  await until('the trap', () => seen().includes('ready'));
  const [, terminal = ''] = /^(\/dev\/pts\/\d+)\r\n33 99\r\n/.exec(seen()) ?? [];
  const ended = outcomeOf(child);
  assert.equal((await outcomeOf(spawn('stty', ['-F', terminal, 'rows', '44', 'cols', '111']))).code, 0);
  await ended;
  assert.match(seen(), /44 111\r\ncode 3\r\n/);
});

test('the keys of a terminal reach the program: ctrl-c, ctrl-d and what is typed', async () => {
  using engine = new Engine();
  const child = onTerminal(
    engine,
    '$CORTEN run --rm -it busybox sh -c \'tty; trap "echo interrupted" INT; echo ready; while [ -z "$line" ]; do read line; done; echo got $line; cat; exit 4\'; echo code $?',
  );
  const seen = watch(child);
  await until('the trap', () => seen().includes('ready'));
  assert.match(seen(), /^\/dev\/pts\/0\r\n/);
  child.stdin?.write('\x03');
  await until('the interrupt', () => seen().includes('interrupted'));
  child.stdin?.write('typed\n');
  await until('the line', () => seen().includes('got typed'));
  child.stdin?.write('\x04');
  const { code } = await outcomeOf(child);
  assert.match(seen(), /code 4\r\n$/);
  assert.equal(code, 0);
});

test('ctrl-p ctrl-q leaves the container running', async () => {
  using engine = new Engine();
  const child = onTerminal(engine, '$CORTEN run --name left -it busybox sh; echo code $?; stty -a');
  const seen = watch(child);
  await until('the prompt', () => seen().includes('# '));
  child.stdin?.write('\x10\x11');
  await until('our shell again', () => seen().includes('speed'));
  await outcomeOf(child);
  assert.match(seen(), /code 0/);
  // Our own terminal is as it was.
  assert.match(seen(), / icanon /);
  assert.equal(engine.ok('inspect', '-f', '{{.State.Status}}', 'left'), 'running');
});

test('run -t without -i has a terminal on which nobody types', () => {
  using engine = new Engine();
  const { text, code } = engine.script('tty; test -t 0 && test -t 1 && test -t 2 && echo all', '-t');
  assert.deepEqual([text, code], ['/dev/pts/0\r\nall\r\n', 0]);
});

test('run -d -t writes the terminal into the log', async () => {
  using engine = new Engine();
  engine.ok('run', '-d', '-t', '--name', 't', 'busybox', 'sh', '-c', 'tty; exit 2');
  assert.equal(engine.ok('wait', 't'), '2');
  assert.equal(engine.call(['logs', 't']).text, '/dev/pts/0\r\n');
});

test('exec -it has a terminal of its own', async () => {
  using engine = new Engine();
  engine.ok('run', '-d', '--name', 'e', 'busybox', 'sleep', '1000');
  const child = onTerminal(
    engine,
    "stty rows 21 cols 80; $CORTEN exec -it e sh -c 'tty; stty size; exit 6'; echo code $?",
  );
  const { text } = await outcomeOf(child);
  assert.match(text, /^\/dev\/pts\/0\r\n21 80\r\ncode 6\r\n$/);
});
