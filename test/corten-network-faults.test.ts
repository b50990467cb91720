// What becomes of networks when somebody tampers with them or kills what serves them.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { outcomeOf, until } from './engine/engine.ts';
import { NetworkHost } from './network/host.ts';

const { address, beyond } = NetworkHost;

test('a firewall that somebody flushes, or takes rules out of, is mended', async () => {
  await using host = await NetworkHost.make();
  const web = host.idle('-p', '8080:80');
  const other = host.idle('-p', '8081:80');
  await host.serve(web, { kind: 'tcp', port: 80, name: 'web' });
  await host.serve(other, { kind: 'tcp', port: 80, name: 'other' });
  const whole = host.here.sh('nft list ruleset');
  const table = host.here.sh('nft list tables').trim();
  for (const tampering of ['nft flush ruleset', `nft delete ${table}`, `nft flush ${table}`]) {
    host.here.sh(tampering);
    await until(
      `the firewall after ${tampering}`,
      () => inOrder(host.here.sh('nft list ruleset')) === inOrder(whole),
    );
    assert.match(host.ask(host.world, address, 8080) ?? '', new RegExp(`^web ::ffff:${beyond}$`), tampering);
  }
});

/** The ruleset without the order of elements, which is the kernel's. */
function inOrder(ruleset: string): string {
  return ruleset.replaceAll(/elements = \{([^}]*)\}/g, (_, elements: string) =>
    elements
      .split(',')
      .map((element) => element.trim())
      .toSorted()
      .join(),
  );
}

test('where all is killed nothing is served any more, and rm leaves nothing', async () => {
  await using host = await NetworkHost.make();
  host.ok('network', 'create', 'net');
  const web = host.idle('--network', 'net', '-p', '8080:80', '--name', 'web');
  killAll(host, web);
  const again = host.idle('-p', '8080:80');
  await host.serve(again, { kind: 'tcp', port: 80, name: 'again' });
  assert.match(host.ask(host.world, address, 8080) ?? '', /^again/, 'the port of the dead serves the living');
  host.ok('rm', '-f', web, again);
  assert.deepEqual(await host.leftovers(), []);
});

test('what nobody removes is swept when the last container goes', async () => {
  await using host = await NetworkHost.make();
  host.ok('network', 'create', 'net');
  const dead = host.idle('--network', 'net', '-p', '8080:80');
  killAll(host, dead);
  assert.equal(host.script('true', '--network', 'net').code, 0);
  assert.deepEqual(await host.leftovers(), []);
});

test('a container whose monitor was killed keeps its address', async () => {
  await using host = await NetworkHost.make();
  host.ok('network', 'create', '--subnet', '10.9.0.0/29', '--ip-range', '10.9.0.4/30', 'tiny');
  const lost = host.idle('--network', 'tiny', '--ip', '10.9.0.4');
  for (const pid of host.processes('corten')) if (isMonitor(pid)) process.kill(Number(pid), 'SIGKILL');
  await until('the end of the monitor', () => host.processes('corten').length === 0);
  host.script('true', '--network', 'tiny');
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const { stderr } = host.call(['run', '--rm', '--network', 'tiny', '--ip', '10.9.0.4', 'busybox', 'true']);
  assert.match(stderr, /10\.9\.0\.4 is taken/);
  host.ok('rm', '-f', lost);
  assert.equal(host.script('true', '--network', 'tiny', '--ip', '10.9.0.4').code, 0);
});

test('containers that start at once have addresses of their own', async () => {
  await using host = await NetworkHost.make();
  const starts = Array.from({ length: 24 }, () => host.start(['run', '-d', 'busybox', 'sleep', '1000']));
  const ids = (await Promise.all(starts.map(outcomeOf))).map(({ text, stderr, code }) => {
    assert.equal(code, 0, stderr);
    return text.trim();
  });
  const addresses = new Set(ids.map((id) => host.addressOf(id)));
  assert.equal(addresses.size, ids.length);
  const files = readdirSync(`${host.run}/networks/bridge`).filter((name) => name.startsWith('10.'));
  assert.deepEqual(files.toSorted(), [...addresses].toSorted());
});

test('the forwarder has no power, and ends with its monitor', async () => {
  await using host = await NetworkHost.make();
  host.idle('-p', '127.0.0.1:8080:80');
  const forwarder = await until('the forwarder', () =>
    host.processes('corten').find((pid) => nameOf(pid) === 'corten-forwarde'),
  );
  const statusOf = (): string => readFileSync(`/proc/${forwarder}/status`, 'utf8');
  await until('its set-up', () => /^NoNewPrivs:\t1$/m.test(statusOf()));
  const status = statusOf();
  assert.match(status, /^CapEff:\t0+$/m);
  assert.match(status, /^CapBnd:\t0+$/m);
  assert.match(status, /^Uid:\t65534\t65534\t65534\t65534$/m);
  const parent = /^PPid:\t(\d+)$/m.exec(status)?.[1] ?? '';
  process.kill(Number(parent), 'SIGKILL');
  await until('its end', () => !host.processes('corten').includes(forwarder));
});

test('a container that is started again has its networks and ports anew', async () => {
  await using host = await NetworkHost.make();
  host.ok('network', 'create', 'net');
  const web = host.idle('--network', 'net', '-p', '8080:80', '--name', 'web');
  host.ok('stop', '-t', '0', web);
  assert.deepEqual(await host.leftovers(), []);
  host.ok('start', web);
  await host.serve(web, { kind: 'tcp', port: 80, name: 'web' });
  assert.match(host.ask(host.world, address, 8080) ?? '', /^web/);
  assert.match(host.ask(host.here, '127.0.0.1', 8080) ?? '', /^web/);
  const place = host.inspect(web, '{{.NetworkSettings.Networks.net.IPAddress}}');
  assert.match(host.ok('exec', web, 'cat', '/etc/hosts'), new RegExp(`^${place}\t`, 'm'));
});

/** The monitor, the container, and whatever serves it. */
function killAll(host: NetworkHost, container: string): void {
  const init = host.inspect(container, '{{.State.Pid}}');
  for (const pid of [...host.processes('corten'), ...host.processes('aardvark-dns'), init]) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // Gone with another.
    }
  }
}

function isMonitor(pid: string): boolean {
  return nameOf(pid) !== 'corten-forwarde';
}

function nameOf(pid: string): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
}
