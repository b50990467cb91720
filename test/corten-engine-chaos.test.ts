// Commands of all kinds from several processes at once, of which any is killed at any time. CORTEN_SEED=N makes the same
// commands again, CORTEN_OPERATIONS=N as many.

import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { Chaos } from './chaos/chaos.ts';
import { mustLeaveNothing } from './chaos/remains.ts';
import { serveImage } from './chaos/serve-image.ts';
import { NetworkHost } from './network/host.ts';

const seed = Number(process.env['CORTEN_SEED'] ?? randomInt(1 << 20));
const operations = Number(process.env['CORTEN_OPERATIONS'] ?? 240);

test(`${operations} commands with kills of any process, CORTEN_SEED=${seed}: all can be removed, nothing is left`, async () => {
  await using host = await NetworkHost.make();
  using remote = await serveImage(host);
  const chaos = new Chaos(host, { seed, operations, workers: 5, pause: 120 }, remote.name);
  await chaos.run();
  console.log(`seed ${seed}: ${chaos.succeeded} of ${operations} commands succeeded, ${chaos.kills} kills`);
  assert.equal(chaos.complaints.join('\n'), '');
  await mustLeaveNothing(host);
  assert.ok(chaos.succeeded > operations / 5 && chaos.kills > operations / 20, 'too little happened');
});
