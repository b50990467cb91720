// A terminal for the container, joined with the caller's own; script(1) stands for the caller's terminal.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bundle } from './runtime/bundle.ts';
import { RUNT, runCommand, type Outcome } from './runtime/programs.ts';

/**
 * A shell on a terminal of its own, where "$runt" is the command; what it shows, with plain line ends. `typing` is a
 * script whose output is typed.
 */
function onTerminal(bundle: Bundle, script: string, typing = ''): Outcome {
  const runt = `${RUNT} --root ${bundle.folder}/state-runt`;
  const env = { ...process.env, runt, id: bundle.id, bundle: bundle.path };
  const typed = ['sh', '-c', '(eval "$1") | script -qec "$2" /dev/null', 'sh', typing, script];
  const outcome = runCommand(typed, { env });
  // At the end of its input script(1) types a NUL.
  return { ...outcome, stdout: outcome.stdout.replaceAll('\r', '').replaceAll('^@', '') };
}

function withTerminal(script: string): Bundle {
  const bundle = new Bundle();
  bundle.config.process['terminal'] = true;
  bundle.script(script).write();
  return bundle;
}

const RUN = '$runt run -b $bundle $id';

test('run joins the container’s terminal with the caller’s, and exits as the program does', () => {
  using bundle = withTerminal(
    'tty; test -t 0 && test -t 1 && test -t 2 && echo all; stat -c %t:%T /dev/console; exit 5',
  );
  const { code, stdout } = onTerminal(bundle, RUN);
  assert.equal(stdout, '/dev/pts/0\nall\n88:0\n');
  assert.equal(code, 5);
});

test('the terminal controls the session: its interrupt character ends the program', () => {
  using bundle = withTerminal(
    'trap "echo interrupted; exit 6" INT; touch /ready; while :; do sleep 0.1; done',
  );
  const typing = `while ! test -e ${bundle.rootfs}/ready; do sleep 0.02; done; printf '\\003'`;
  const { code, stdout } = onTerminal(bundle, RUN, typing);
  assert.match(stdout, /interrupted/);
  assert.equal(code, 6);
});

test('what is typed arrives, whole and in order', () => {
  using bundle = withTerminal(
    'stty -echo; echo ready; n=0; while read line; do test "$line" = end && break; n=$((n + 1)); done; echo $n lines',
  );
  const { code, stdout } = onTerminal(bundle, RUN, 'seq 500; echo end');
  assert.match(stdout, /500 lines\n$/);
  assert.equal(code, 0);
});

test('output of a megabyte comes whole, though the program ends right after it', () => {
  using bundle = withTerminal('dd if=/dev/zero bs=1024 count=1024 2>/dev/null | tr "\\0" x; echo; echo end');
  const { stdout } = onTerminal(bundle, RUN);
  assert.equal(stdout.replace(/[^x]/g, '').length, 1 << 20);
  assert.match(stdout, /x\nend\n$/);
});

test('the size of the terminal is the caller’s, and follows it', () => {
  using bundle = withTerminal('stty size; trap "stty size; exit 0" WINCH; while :; do sleep 0.05; done');
  const { stdout } = onTerminal(
    bundle,
    `stty rows 31 cols 101; (sleep 0.5; stty rows 42 cols 142 < /dev/tty) & ${RUN}`,
  );
  assert.equal(stdout, '31 101\n42 142\n');
});

test('consoleSize of the document is the size where the caller has no terminal', () => {
  using bundle = withTerminal('stty size');
  bundle.config.process['consoleSize'] = { height: 12, width: 34 };
  assert.equal(bundle.run().stdout.replaceAll('\r', ''), '12 34\n');
});

test('the caller’s terminal is as before afterwards', () => {
  using bundle = withTerminal('true');
  const { stdout } = onTerminal(bundle, `stty -g; ${RUN}; stty -g`);
  const [before, after] = stdout.trimEnd().split('\n');
  assert.equal(before, after);
});

test('the terminal belongs to the container’s user', () => {
  using bundle = withTerminal('stat -c %u $(tty); echo to > /dev/stderr; id -u');
  bundle.config.process['user'] = { uid: 1000, gid: 1000 };
  bundle.write();
  assert.equal(onTerminal(bundle, RUN).stdout, '1000\nto\n1000\n');
});

test('exec --tty has a terminal of its own', () => {
  using bundle = new Bundle();
  bundle.start();
  const { code, stdout } = onTerminal(
    bundle,
    `stty rows 20 cols 70; $runt exec --tty $id sh -c 'tty; test -t 0 && echo in; stty size; exit 9'`,
  );
  assert.match(stdout, /^\/dev\/pts\/0\nin\n20 70\n$/);
  assert.equal(code, 9);
  assert.match(
    bundle.call(['exec', '--tty', '--detach', bundle.id, 'true']).stderr,
    /A terminal needs --console-socket/,
  );
});

test('a terminal needs a devpts, and create a socket that takes it', () => {
  using bundle = withTerminal('true');
  assert.match(
    bundle.call(['create', '-b', bundle.path, bundle.id]).stderr,
    /process\.terminal is true, so the terminal needs --console-socket/,
  );
  const failing = bundle.call(['create', '-b', bundle.path, '--console-socket', '/no/such', bundle.id]);
  assert.match(failing.stderr, /Connect to the console socket \/no\/such: .*ENOENT/);
  bundle.config.mounts = bundle.config.mounts.filter(({ destination }) => destination !== '/dev/pts');
  assert.match(bundle.run().stderr, /^runt: Open the console: ENOENT|no terminal multiplexer/);
});

test('a container with hooks has its terminal all the same, and they have none of it', () => {
  using bundle = new Bundle();
  bundle.config.process['terminal'] = true;
  const args = ['sh', '-c', `tty > ${bundle.folder}/seen; echo lost`];
  const path = '/bin/sh';
  bundle.config['hooks'] = {
    createRuntime: [{ path, args }],
    startContainer: [{ path, args: ['sh', '-c', 'true'] }],
  };
  bundle.script('tty; exit 5').write();
  assert.deepEqual(onTerminal(bundle, RUN), { code: 5, stdout: '/dev/pts/0\n', stderr: '' });
  assert.equal(runCommand(['cat', `${bundle.folder}/seen`]).stdout, 'not a tty\n');
});
