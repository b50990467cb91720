// Bridge networks and published ports, on a host that is a network namespace of the test's own.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NetworkHost } from './network/host.ts';

const { address, address6, beyond } = NetworkHost;

test('a container has an address of the default network, and reaches what is beyond the host by the host’s', async () => {
  await using host = await NetworkHost.make();
  await host.serveAt(host.world.path, { kind: 'tcp', port: 7000, name: 'world' });
  const { code, text, stderr } = host.script(`ifconfig eth0; nc -w 2 ${beyond} 7000; cat /etc/hosts`);
  assert.equal(code, 0, stderr);
  assert.match(text, /inet addr:10\.85\.0\.2 .*Mask:255\.255\.0\.0/);
  assert.match(text, new RegExp(`world ::ffff:${address}`), 'it comes from the address of the host');
  assert.match(text, /^10\.85\.0\.2\t[0-9a-f]{12}$/m);
  assert.deepEqual(await host.leftovers(), []);
});

test('two containers of a network reach each other, and nobody beyond reaches what is not published', async () => {
  await using host = await NetworkHost.make();
  const [one, other] = [host.idle(), host.idle()];
  await host.serve(one, { kind: 'tcp', port: 80, name: 'one' });
  const place = host.addressOf(one);
  assert.match(host.ok('exec', other, 'nc', '-w', '2', place, '80'), /^one ::ffff:10\.85\.0\.3$/);
  assert.match(host.ask(host.here, place, 80) ?? '', /^one/, 'the host reaches it');
  assert.equal(host.ask(host.world, place, 80), undefined, 'a machine that has a route does not');
});

test('--publish: a port is served on the loopback, on addresses of the host, and from beyond', async () => {
  await using host = await NetworkHost.make();
  const web = host.idle('-p', '8080:80');
  await host.serve(web, { kind: 'tcp', port: 80, name: 'web' });
  for (const place of ['127.0.0.1', '127.0.0.5', '::1', address, address6]) {
    assert.match(host.ask(host.here, place, 8080) ?? '', /^web/, `${place} from the host`);
  }
  assert.match(host.ask(host.world, address, 8080) ?? '', new RegExp(`^web ::ffff:${beyond}$`));
  assert.match(host.ask(host.world, address6, 8080) ?? '', /^web/, 'by IPv6 too, though it has none');
  const other = host.idle();
  for (const from of [web, other]) {
    const answer = host.call(['exec', from, 'nc', '-w', '2', address, '8080']);
    assert.match(answer.text, /^web/, 'containers reach it by the host, the very one included');
  }
  assert.match(host.ok('ps'), / 0\.0\.0\.0:8080->80\/tcp, :::8080->80\/tcp /);
});

test('a port published on one address is served there alone', async () => {
  await using host = await NetworkHost.make();
  const web = host.idle('-p', '127.0.0.1:8081:80', '-p', '[::1]:8082:80', '-p', `${address}:8083:80`);
  await host.serve(web, { kind: 'tcp', port: 80, name: 'web' });
  assert.match(host.ask(host.here, '127.0.0.1', 8081) ?? '', /^web/);
  assert.match(host.ask(host.here, '::1', 8082) ?? '', /^web/);
  assert.match(host.ask(host.world, address, 8083) ?? '', /^web/);
  assert.match(host.ask(host.here, address, 8083) ?? '', /^web/);
  const refused: readonly (readonly [string, number])[] = [
    [address, 8081],
    ['::1', 8081],
    ['127.0.0.1', 8082],
    ['127.0.0.1', 8083],
  ];
  for (const [place, port] of refused)
    assert.equal(host.ask(host.here, place, port), undefined, `${place}:${port}`);
  assert.equal(host.ask(host.world, address, 8081), undefined);
});

test('datagrams are passed to a published port and back, by loopback and from beyond', async () => {
  await using host = await NetworkHost.make();
  const names = host.idle('-p', '5300:53/udp');
  await host.serve(names, { kind: 'udp', port: 53, name: 'names' });
  for (const place of ['127.0.0.1', '::1', address]) {
    assert.equal(host.askUdp(host.here, place, 5300), 'names asked', place);
  }
  assert.equal(host.askUdp(host.world, address, 5300), 'names asked');
});

test('the forwarder of loopback keeps every byte, both ways, until each side has ended', async () => {
  await using host = await NetworkHost.make();
  const echo = host.idle('-p', '7000:7');
  await host.serve(echo, { kind: 'echo', port: 7, name: 'echo' });
  assert.equal(host.exchange('127.0.0.1', { port: 7000, count: 1, size: 32 << 20 }), '', 'much');
  assert.equal(host.exchange('::1', { port: 7000, count: 100, size: 100_000 }), '', 'many');
  assert.equal(host.exchange('127.0.0.1', { port: 7000, count: 3, size: 0 }), '', 'nothing');
});

test('a connection to a port that nobody serves in the container is refused, not ended', async () => {
  await using host = await NetworkHost.make();
  host.idle('-p', '7000:7');
  assert.match(host.exchange('127.0.0.1', { port: 7000, count: 1, size: 10 }), /ECONNRESET|EPIPE/);
});

test('a port that is taken is said before anything runs, and nothing is left', async () => {
  await using host = await NetworkHost.make();
  await host.serveAt(host.here.path, { kind: 'tcp', port: 8080, name: 'host' });
  const { code, stderr } = host.call([
    'run',
    '-d',
    '-p',
    '8081:81',
    '-p',
    '8080:80',
    'busybox',
    'sleep',
    '1000',
  ]);
  assert.equal(code, 125);
  assert.match(
    stderr,
    /^corten: The tcp port 8080 of the host is taken already: choose another by -p.*EADDRINUSE/,
  );
  assert.deepEqual(host.traces(), []);
  assert.deepEqual(await host.leftovers(), []);
  const one = host.idle('-p', '8081:81');
  const second = host.call(['run', '--rm', '-p', '8081:81', 'busybox', 'true']);
  assert.match(second.stderr, /port 8081 of the host is taken already/);
  host.ok('rm', '-f', one);
  assert.equal(host.call(['run', '--rm', '-p', '8081:81', 'busybox', 'true']).code, 0, 'free again at once');
});

test('a root that may not change the network is told so, and what to do', async () => {
  await using host = await NetworkHost.make();
  const { code, stderr } = host.without('net_admin', ['run', '--rm', 'busybox', 'true']);
  assert.equal(code, 125);
  assert.match(stderr, /^corten: [^\n]*CAP_NET_ADMIN: use --network host[^\n]*\n$/);
  assert.deepEqual(host.traces(), []);
  assert.deepEqual(await host.leftovers(), []);
  assert.equal(host.without('net_admin', ['run', '--rm', '--network', 'host', 'busybox', 'true']).code, 0);
});

test('--publish and --publish-all: ranges, free ports, and those that the image exposes', async () => {
  await using host = await NetworkHost.make();
  host.idle('--name', 'range', '-p', '8000-8002:80-82');
  host.idle('--name', 'one-of', '-p', '8002-8005:80');
  host.idle('--name', 'exposed', '-P', '--expose', '91');
  const ports = new Map(host.ok('ps', '--format', 'json').split('\n').map(portsOf));
  assert.match(ports.get('range') ?? '', /^0\.0\.0\.0:8000-8002->80-82\/tcp, :::8000-8002->80-82\/tcp$/);
  assert.match(ports.get('one-of') ?? '', /^0\.0\.0\.0:8003->80\/tcp/);
  for (const inner of ['80/tcp', '91/tcp', '90/udp']) {
    assert.match(ports.get('exposed') ?? '', new RegExp(`0\\.0\\.0\\.0:\\d{4,5}->${inner}`));
  }
});

function portsOf(line: string): readonly [name: string, ports: string] {
  const { Names, Ports } = JSON.parse(line) as { Names: string; Ports: string };
  return [Names, Ports];
}
