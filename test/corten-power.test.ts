// What the power's end at any moment leaves of a store: it is whole, and each container can be started or says why not.
// CORTEN_POWER=N cuts the power N times, CORTEN_SEED=N makes the same commands again.

import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Chaos } from './chaos/chaos.ts';
import { serveImage } from './chaos/serve-image.ts';
import { NetworkHost } from './network/host.ts';
import { Aftermath } from './power/aftermath.ts';
import { FragileDisk } from './power/fragile-disk.ts';

const cuts = Number(process.env['CORTEN_POWER'] ?? 6);
const seed = Number(process.env['CORTEN_SEED'] ?? randomInt(1 << 20));
/** Commands of which one cut falls into each run of so many. */
const COMMANDS = 40;
const POLL_MS = 2;

/** What a start may say, beside that it worked. */
const FAIR = [
  /was never created whole: remove it with corten rm/,
  /There is no (?:network|container|volume) /,
  /is gone: load its image again/,
  /The port .* is taken/,
  /The machine stopped while the container ran, which was to go with its end/,
  /is not running, so that nothing can share its network/,
  /The container \S+ is in use by/,
];

/** At a moment of each run of commands; the last ones may be over by then. */
async function cutAgainAndAgain(disk: FragileDisk, chaos: Chaos): Promise<readonly string[]> {
  const copies: string[] = [];
  while (copies.length < cuts) {
    const moment = copies.length * COMMANDS + randomInt(COMMANDS);
    while (chaos.started < moment && !chaos.isOver) await sleep(POLL_MS);
    copies.push(disk.cut());
  }
  return copies;
}

function mustBeWhole(after: Aftermath, when: string): void {
  const { code, text, stderr } = after.call('system', 'check');
  assert.deepEqual([code, stderr], [0, ''], `${when}: ${text}`);
  for (const name of after.ok('ps', '-a', '--format', '{{.Names}}')) mustBeUsable(after, name, when);
  after.ok('images');
  after.ok('network', 'ls');
  after.ok('volume', 'ls');
  after.ok('events', '--stream=false');
  after.ok('network', 'prune', '-f');
  after.ok('volume', 'prune', '-a', '-f');
  after.ok('system', 'prune', '-a', '-f');
  after.ok('system', 'check');
}

function mustBeUsable(after: Aftermath, name: string, when: string): void {
  const { code, text, stderr } = after.call('inspect', '-f', '{{.State.Status}}', name);
  const isHalf = stderr.includes('was never created whole');
  assert.ok(
    isHalf || (code === 0 && /^(?:created|exited|lost)$/m.test(text)),
    `${when}: ${name} ${text}${stderr}`,
  );
  const started = after.call('start', name);
  const isFair = started.code === 0 || FAIR.some((words) => words.test(started.stderr));
  assert.ok(isFair, `${when}: start ${name}: ${started.stderr}`);
  assert.deepEqual(after.ok('rm', '-f', name), [name], when);
}

test(`the power's end at ${cuts} moments, CORTEN_SEED=${seed}, leaves a store that is whole`, async () => {
  using disk = new FragileDisk(400);
  let copies: readonly string[] = [];
  let env: NodeJS.ProcessEnv = {};
  {
    await using host = await NetworkHost.make(disk.path);
    using remote = await serveImage(host);
    // The tests' own maker of images leaves its blobs out.
    host.ok('rmi', 'busybox');
    host.ok('pull', '-q', remote.name);
    host.ok('tag', remote.name, 'busybox');
    env = host.env;
    const chaos = new Chaos(host, { seed, operations: cuts * COMMANDS, workers: 4 }, remote.name);
    [copies] = await Promise.all([cutAgainAndAgain(disk, chaos), chaos.run()]);
    assert.equal(chaos.complaints.join('\n'), '');
  }
  for (const [index, copy] of copies.entries()) {
    const after = await Aftermath.boot(copy, { disk: disk.path, env });
    try {
      mustBeWhole(after, `cut ${index}`);
    } finally {
      await after.end();
    }
  }
  assert.equal(copies.length, cuts);
});
