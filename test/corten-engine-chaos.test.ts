// Commands of all kinds from several processes at once, of which any is killed at any time. CORTEN_SEED=N makes the same
// commands again, CORTEN_OPERATIONS=N as many.

import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Chaos } from './chaos/chaos.ts';
import { mustLeaveNothing } from './chaos/remains.ts';
import { until } from './engine/engine.ts';
import { NetworkHost } from './network/host.ts';

const REGISTRY = fileURLToPath(new URL('chaos/registry-program.ts', import.meta.url));
const seed = Number(process.env['CORTEN_SEED'] ?? randomInt(1 << 20));
const operations = Number(process.env['CORTEN_OPERATIONS'] ?? 240);

/** A registry inside the network namespace; the name of its image. */
async function serveImage(host: NetworkHost): Promise<{ readonly name: string; [Symbol.dispose](): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'registry-'));
  const [program, ...args] = host.here.words(process.execPath, REGISTRY, folder);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += String(chunk)));
  const [name = ''] = (await until('the registry', () => text.includes('\n') && text)).split('\n');
  return {
    name,
    [Symbol.dispose]: () => {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    },
  };
}

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
