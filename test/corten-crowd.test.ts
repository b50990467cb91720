// Many processes start and end containers of one network at once. CORTEN_CROWD=1000 says how many starts, of which
// `npm test` makes few.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { outcomeOf, until, type Outcome } from './engine/engine.ts';
import { NetworkHost } from './network/host.ts';

const STARTS = Number(process.env['CORTEN_CROWD'] ?? 96);
const PROCESSES = 8;
/** Has hardly more addresses than there are processes, so that each is given again and again. */
const TIGHT = 'tight';
/** What a container says of itself: the address that it has, as the kernel shows it. */
const OWN_ADDRESS = `ip -4 -o addr show eth0 | awk '{ print $4 }'`;
/** A container's whole life on record. */
const LIFE = ['create', 'start', 'die', 'destroy'];

interface Event {
  readonly number: number;
  readonly type: string;
  readonly action: string;
  readonly id: string;
}

async function call(host: NetworkHost, ...args: readonly string[]): Promise<Outcome> {
  const outcome = await outcomeOf(host.start(args));
  assert.deepEqual([outcome.code, outcome.stderr], [0, ''], `corten ${args.join(' ')}`);
  return outcome;
}

interface Wanted {
  readonly name: string;
  readonly network: string;
}

/** One that goes with its end; name and address, as the container saw them. */
async function inFront(host: NetworkHost, { name, network }: Wanted): Promise<string> {
  const flags = ['--name', name, '--network', network];
  const { text } = await call(host, 'run', '--rm', ...flags, 'busybox', 'sh', '-c', OWN_ADDRESS);
  return text.trim();
}

/** One that runs on, is waited for and removed. */
async function behind(host: NetworkHost, { name, network }: Wanted): Promise<string> {
  const flags = ['--name', name, '--network', network];
  await call(host, 'run', '-d', ...flags, 'busybox', 'sh', '-c', `${OWN_ADDRESS}; exit 7`);
  assert.equal((await call(host, 'wait', name)).text, '7\n');
  const { text } = await call(host, 'logs', name);
  await call(host, 'rm', name);
  return text.trim();
}

/** One that would never end, and is removed by force as it runs. */
async function byForce(host: NetworkHost, { name, network }: Wanted): Promise<string> {
  const flags = ['--name', name, '--network', network];
  await call(host, 'run', '-d', ...flags, 'busybox', 'sh', '-c', `${OWN_ADDRESS}; exec sleep 1000`);
  const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}/{{.IPPrefixLen}}{{end}}';
  const { text } = await call(host, 'inspect', '-f', format, name);
  await call(host, 'rm', '-f', name);
  return text.trim();
}

/** Starts containers one after the other until all are made; the address that each had, by name. */
async function startAll(host: NetworkHost): Promise<ReadonlyMap<string, string>> {
  const addresses = new Map<string, string>();
  let next = 0;
  const work = async (): Promise<void> => {
    for (let number = next++; number < STARTS; number = next++) {
      const name = `c${number}`;
      const way = [inFront, behind, byForce][number % 3] ?? inFront;
      addresses.set(name, await way(host, { name, network: number % 2 === 0 ? 'bridge' : TIGHT }));
    }
  };
  await Promise.all(Array.from({ length: PROCESSES }, work));
  return addresses;
}

/** All events of containers that the store has on record, by its files themselves. */
function recorded(
  host: NetworkHost,
): readonly (Event & { readonly attributes?: { readonly name?: string } })[] {
  const files = ['log.1', 'log'].map((name) => join(host.store, 'events', name)).filter(existsSync);
  const lines = files.flatMap((path) => readFileSync(path, 'utf8').trimEnd().split('\n'));
  return lines.map((line) => JSON.parse(line) as Event);
}

test(`${STARTS} starts from ${PROCESSES} processes at once: events, addresses, and nothing left`, async (t) => {
  await using host = await NetworkHost.make();
  host.ok('network', 'create', '--subnet', '10.9.0.0/28', TIGHT);
  const before = recorded(host).length;
  const follower = host.start(
    ['events', '--format', '{{.Action}} {{.Actor.ID}}'],
    ['ignore', 'pipe', 'inherit'],
  );
  t.after(() => follower.kill('SIGKILL'));
  let followed = '';
  follower.stdout?.on('data', (chunk: Buffer) => (followed += String(chunk)));
  const addresses = await startAll(host);
  const events = recorded(host).filter(({ type, action }) => type === 'container' && LIFE.includes(action));
  assert.deepEqual(
    recorded(host).map(({ number }) => number),
    recorded(host).map((_, index) => index + 1),
    'numbers go up by one',
  );
  mustBeWholeLives(events);
  mustHaveHadOwnAddresses(events, addresses);
  await until(
    'all events at the follower',
    () => followed.split('\n').length > recorded(host).length - before,
  );
  follower.kill('SIGKILL');
  assert.deepEqual(
    followed.trimEnd().split('\n'),
    recorded(host)
      .slice(before)
      .map(({ action, id }) => `${action} ${id}`),
  );
  for (const { id } of events) host.note(id);
  assert.deepEqual(host.traces(), []);
  assert.deepEqual(await host.leftovers(), []);
  assert.deepEqual(host.processes('corten'), []);
  assert.equal(readdirSync(join(host.store, 'containers')).length, 0);
  // The tests' own maker of images leaves its blobs out.
  host.ok('rmi', 'busybox');
  host.ok('system', 'check');
});

function mustBeWholeLives(events: readonly Event[]): void {
  const lives = Map.groupBy(events, ({ id }) => id);
  assert.equal(lives.size, STARTS);
  for (const [id, life] of lives) {
    assert.deepEqual(
      life.map(({ action }) => action),
      LIFE,
      id,
    );
  }
}

/** Between a container's start and its end on record nobody else had its address. */
function mustHaveHadOwnAddresses(
  events: readonly (Event & { readonly attributes?: { readonly name?: string } })[],
  addresses: ReadonlyMap<string, string>,
): void {
  const names = new Map(
    events
      .map(({ id, attributes }) => [id, attributes?.name] as const)
      .filter(([, name]) => name !== undefined),
  );
  const used = new Map<string, string>();
  for (const { action, id } of events) {
    const address = addresses.get(names.get(id) ?? '') ?? '';
    assert.match(address, /^10\.\d+\.\d+\.\d+\/\d+$/, id);
    if (action === 'start') {
      assert.equal(used.get(address), undefined, `${address} belongs to two containers at once`);
      used.set(address, id);
    }
    if (action === 'die') used.delete(address);
  }
}
