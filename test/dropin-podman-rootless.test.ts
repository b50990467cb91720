// Debian's podman of a user other than root, with `--runtime runt`.

import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { chosenRuntime } from './dropin/runtimes.ts';
import { Bundle } from './runtime/bundle.ts';
import { OrdinaryUser } from './runtime/ordinary-user.ts';
import type { Outcome } from './runtime/programs.ts';

const user = new OrdinaryUser();
const rootfs = join(user.home, 'rootfs');
{
  using model = new Bundle();
  cpSync(model.rootfs, rootfs, { recursive: true, verbatimSymlinks: true });
}
mkdirSync(join(user.home, '.config/containers'), { recursive: true });
const settings =
  '[containers]\ndefault_ulimits=[]\n[engine]\ncgroup_manager="cgroupfs"\nevents_logger="file"\n';
writeFileSync(join(user.home, '.config/containers/containers.conf'), settings);
user.own(user.home);
after(async () => {
  call('rm', '--all', '--force', '--time', '0');
  const file = join(user.runtimeDirectory, 'libpod/tmp/pause.pid');
  if (existsSync(file)) process.kill(Number(readFileSync(file, 'utf8')), 'SIGKILL');
  // podman's own files belong to its user's other ids, and its pause process holds its mounts for a moment.
  for (let tries = 0; ; tries++) {
    try {
      return rmSync(user.folder, { recursive: true });
    } catch (error) {
      if (tries === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
});

function call(...args: readonly string[]): Outcome {
  const { name } = chosenRuntime();
  const runtime = name === 'runt' ? join(user.folder, 'bin/runt') : `/usr/bin/${name}`;
  return user.call(['podman', '--storage-driver', 'vfs', '--runtime', runtime, ...args]);
}

function ok(...args: readonly string[]): string {
  const { code, stdout, stderr } = call(...args);
  assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
  return stdout;
}

const RUN = ['run', '--network', 'none'] as const;

test('podman of a user: a container is run, as root and as the caller', () => {
  const shown = 'id -u; cat /proc/self/uid_map; ls /sys/class/net; echo x > /dev/null';
  const text = ok(...RUN, '--rm', '--rootfs', rootfs, 'sh', '-c', shown);
  assert.match(text, /^0\n +0 +54321 +1\n +1 +700000 +65536\nlo\n/);
  assert.equal(
    ok(...RUN, '--rm', '--userns', 'keep-id', '--rootfs', rootfs, 'sh', '-c', 'id -u').trim(),
    String(user.uid),
  );
  assert.equal(call(...RUN, '--rm', '--rootfs', rootfs, 'sh', '-c', 'exit 7').code, 7);
});

test('podman of a user: a container goes on, is entered, stopped, started and removed', () => {
  const flags = [
    '--detach',
    '--name',
    'box',
    '--oom-score-adj',
    '100',
    '--cap-add',
    'SYS_PTRACE',
    '--rootfs',
  ];
  ok(...RUN, ...flags, rootfs, 'sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.05; done');
  assert.equal(ok('exec', 'box', 'sh', '-c', 'id -u; cat /proc/1/oom_score_adj'), '0\n100\n');
  assert.equal(ok('exec', '--user', '5:6', 'box', 'sh', '-c', 'id -u; id -g'), '5\n6\n');
  assert.match(ok('top', 'box'), /sh -c trap/);
  ok('stop', '--time', '5', 'box');
  assert.equal(ok('inspect', '--format', '{{.State.ExitCode}}', 'box'), '0\n');
  ok('start', 'box');
  assert.equal(ok('exec', 'box', 'echo', 'again'), 'again\n');
});
