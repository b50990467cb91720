// Networks that a user makes, and what containers in them see, on a host that is a network namespace of the test's own.

import assert from 'node:assert/strict';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from './engine/engine.ts';
import { NetworkHost } from './network/host.ts';

const { address, beyond } = NetworkHost;

test('containers of two networks can’t reach each other, by address or by name', async () => {
  await using host = await NetworkHost.make();
  for (const name of ['red', 'blue']) host.ok('network', 'create', name);
  const [red, blue] = [host.idle('--network', 'red'), host.idle('--network', 'blue', '--name', 'other')];
  await host.serve(blue, { kind: 'tcp', port: 80, name: 'blue' });
  const place = host.inspect(blue, '{{.NetworkSettings.Networks.blue.IPAddress}}');
  assert.match(host.ask(host.here, place, 80) ?? '', /^blue/, 'the host reaches it');
  assert.notEqual(host.call(['exec', red, 'nc', '-w', '1', place, '80']).code, 0);
  assert.notEqual(host.call(['exec', red, 'nslookup', '-type=a', 'other.']).code, 0);
});

test('a container can’t reach the loopback of the host, even where others have opened it', async () => {
  await using host = await NetworkHost.make();
  await host.serveAt(host.here.path, { kind: 'tcp', port: 9000, name: 'host' });
  const one = host.idle();
  host.here.sh('for i in /proc/sys/net/ipv4/conf/*/route_localnet; do echo 1 >$i; done');
  const pid = host.inspect(one, '{{.State.Pid}}');
  const inside = host.namespace(pid);
  const gateway = host.inspect(one, '{{.NetworkSettings.Gateway}}');
  assert.match(host.ask(inside, gateway, 9000) ?? '', /^host/, 'the same server by its other address');
  inside.sh(`ip route del local 127.0.0.0/8 table local; ip route add 127.0.0.0/8 via ${gateway}
    echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet; ip addr del 127.0.0.1/8 dev lo`);
  assert.equal(host.ask(inside, '127.0.0.1', 9000), undefined);
  host.here.sh(`nft delete table inet ${host.here.sh('nft list tables').trim().split(' ')[2]}`);
  assert.match(host.ask(inside, '127.0.0.1', 9000) ?? '', /^host/, 'without the rule it would');
});

test('an internal network has no way out, and no way in', async () => {
  await using host = await NetworkHost.make();
  host.ok('network', 'create', '--internal', 'closed');
  await host.serveAt(host.world.path, { kind: 'tcp', port: 7000, name: 'world' });
  const [one, other] = [host.idle('--network', 'closed'), host.idle('--network', 'closed', '-p', '8080:80')];
  await host.serve(other, { kind: 'tcp', port: 80, name: 'other' });
  const place = host.inspect(other, '{{.NetworkSettings.Networks.closed.IPAddress}}');
  assert.match(host.ok('exec', one, 'nc', '-w', '2', place, '80'), /^other/);
  assert.notEqual(host.call(['exec', one, 'nc', '-w', '1', beyond, '7000']).code, 0);
  // Not for want of a route alone.
  const gateway = host.ok('network', 'inspect', '--format', '{{(index .IPAM.Config 0).Gateway}}', 'closed');
  const inside = host.namespace(host.inspect(one, '{{.State.Pid}}'));
  inside.sh(`ip route add default via ${gateway}`);
  assert.equal(host.ask(inside, beyond, 7000), undefined);
  assert.equal(host.ask(host.world, address, 8080), undefined);
});

test('containers of a network find each other by name, alias and ID, as soon as they run', async () => {
  await using host = await NetworkHost.make();
  host.ok('network', 'create', 'net');
  const web = host.idle('--network', 'net', '--name', 'web', '--network-alias', 'www', '--net-alias', 'also');
  const place = host.inspect(web, '{{.NetworkSettings.Networks.net.IPAddress}}');
  for (const name of ['web', 'www', 'also', web.slice(0, 12)]) {
    const { text, stderr } = host.script(`nslookup -type=a ${name}.`, '--network', 'net');
    assert.match(text, new RegExp(`Address:\\s*${place}`), `${name}: ${text}${stderr}`);
  }
  const late = host.idle('--network', 'net', '--name', 'late');
  assert.match(host.ok('exec', web, 'nslookup', '-type=a', 'late.'), /Address:\s*10\.86\./);
  host.ok('rename', 'late', 'later');
  assert.match(host.ok('exec', web, 'nslookup', '-type=a', 'later.'), /Address:\s*10\.86\./);
  assert.notEqual(host.call(['exec', web, 'nslookup', '-type=a', 'late.']).code, 0);
  host.ok('rm', '-f', late);
  await until(
    'the end of the name',
    () => host.call(['exec', web, 'nslookup', '-type=a', 'later.']).code !== 0,
  );
  host.ok('rm', '-f', web);
  assert.deepEqual(await host.leftovers(), [], 'the name server ends with the last container');
  assert.deepEqual(host.processes('aardvark-dns'), []);
});

test('a network with IPv6 gives an address of each family, and hides both behind the host', async () => {
  await using host = await NetworkHost.make();
  host.ok('network', 'create', '--ipv6', '--subnet', 'fd00:1::/64', '--subnet', '10.9.0.0/24', 'six');
  await host.serveAt(host.world.path, { kind: 'tcp', port: 7000, name: 'world' });
  const one = host.idle('--network', 'six', '--ip', '10.9.0.9', '--ip6', 'fd00:1::9', '-p', '8080:80');
  const fields =
    '{{with .NetworkSettings.Networks.six}}{{.IPAddress}} {{.GlobalIPv6Address}} {{.IPv6Gateway}}{{end}}';
  assert.equal(host.inspect(one, fields), '10.9.0.9 fd00:1::9 fd00:1::1');
  const answer = host.ok('exec', one, 'nc', '-w', '2', NetworkHost.beyond6, '7000');
  assert.equal(answer, `world ${NetworkHost.address6}`);
  await host.serve(one, { kind: 'tcp', port: 80, name: 'six' });
  assert.equal(host.ask(host.world, NetworkHost.address6, 8080), `six ${NetworkHost.beyond6}`);
});

test('a running container is connected to a network and disconnected', async () => {
  await using host = await NetworkHost.make();
  for (const name of ['red', 'blue']) host.ok('network', 'create', name);
  const red = host.idle('--network', 'red', '--name', 'red', '-p', '8080:80');
  const blue = host.idle('--network', 'blue', '--name', 'blue');
  await host.serve(blue, { kind: 'tcp', port: 80, name: 'blue' });
  const place = host.inspect(blue, '{{.NetworkSettings.Networks.blue.IPAddress}}');
  host.ok('network', 'connect', '--alias', 'both', 'blue', 'red');
  assert.match(host.ok('exec', red, 'nc', '-w', '2', place, '80'), /^blue/);
  assert.match(host.ok('exec', red, 'nslookup', '-type=a', 'blue.'), new RegExp(`Address:\\s*${place}`));
  assert.match(host.ok('exec', blue, 'nslookup', '-type=a', 'both.'), /Address:\s*10\.86\./);
  assert.equal(host.ok('network', 'inspect', '--format', '{{len .Containers}}', 'blue'), '2');
  const again = host.call(['network', 'connect', 'blue', 'red']);
  assert.match(again.stderr, /red is in the network blue already/);
  host.ok('network', 'disconnect', 'blue', 'red');
  assert.doesNotMatch(host.ok('exec', red, 'ifconfig', '-a'), /eth1/);
  assert.notEqual(host.call(['exec', red, 'nc', '-w', '1', place, '80']).code, 0);
  assert.match(host.call(['network', 'disconnect', 'blue', 'red']).stderr, /red is not in the network blue/);
  assert.match(host.call(['network', 'rm', 'red']).stderr, /in use by red/);
});

test('a container shares the network of another', async () => {
  await using host = await NetworkHost.make();
  const one = host.idle('--name', 'one');
  const { text } = host.script('ifconfig eth0; cat /etc/hosts', '--network', 'container:one');
  assert.match(text, new RegExp(`inet addr:${host.addressOf(one)} `));
  assert.match(text, new RegExp(`^${host.addressOf(one)}\t`, 'm'));
  host.ok('rm', '-f', 'one');
  const { code, stderr } = host.call(['run', '--rm', '--network', 'container:one', 'busybox', 'true']);
  assert.equal(code, 125);
  assert.match(stderr, /no container "one"/);
});

test('names of hosts and resolvers are as asked for, and loopback resolvers of the host are left out', async () => {
  await using host = await NetworkHost.make();
  const flags = [
    '--add-host',
    'db:10.1.2.3',
    '--add-host',
    'outside:host-gateway',
    '--add-host',
    'six:[fd00::1]',
  ];
  const dns = [
    '--dns',
    '192.0.2.53',
    '--dns-search',
    'example.org',
    '--dns-option',
    'ndots:2',
    '--dns-opt',
    'attempts:3',
  ];
  const { text } = host.script('cat /etc/hosts /etc/resolv.conf', ...flags, ...dns, '--hostname', 'me');
  assert.match(text, /^10\.1\.2\.3\tdb$/m);
  assert.match(text, /^10\.85\.0\.1\toutside$/m);
  assert.match(text, /^fd00::1\tsix$/m);
  assert.match(text, /^10\.85\.0\.\d+\tme$/m);
  assert.match(text, /search example\.org\nnameserver 192\.0\.2\.53\noptions ndots:2 attempts:3\n$/);
  const file = join(host.folder, 'resolv.conf');
  writeFileSync(file, 'nameserver 127.0.0.1\nnameserver 192.0.2.7\nnameserver ::1\nsearch home\n');
  const seen = host.withMounted(file, '/etc/resolv.conf', [
    'run',
    '--rm',
    'busybox',
    'cat',
    '/etc/resolv.conf',
  ]);
  assert.equal(seen, 'search home\nnameserver 192.0.2.7\n');
});

test('addresses are those asked for, once, and never another’s', async () => {
  await using host = await NetworkHost.make();
  host.ok(
    'network',
    'create',
    '--subnet',
    '10.9.0.0/29',
    '--ip-range',
    '10.9.0.4/30',
    '--gateway',
    '10.9.0.6',
    'tiny',
  );
  const one = host.idle('--network', 'tiny', '--ip', '10.9.0.2', '--mac-address', '02:00:00:00:00:09');
  const field = (id: string, name: string): string =>
    host.inspect(id, `{{.NetworkSettings.Networks.tiny.${name}}}`);
  assert.equal(field(one, 'IPAddress'), '10.9.0.2');
  assert.match(host.ok('exec', one, 'ifconfig', 'eth0'), /HWaddr 02:00:00:00:00:09/i);
  const more = [host.idle('--network', 'tiny'), host.idle('--network', 'tiny')];
  assert.deepEqual(more.map((id) => field(id, 'IPAddress')).toSorted(), ['10.9.0.4', '10.9.0.5']);
  const refused: readonly (readonly [RegExp, ...string[]])[] = [
    [/no free address left in 10\.9\.0\.4\/30/],
    [/10\.9\.0\.2 is taken/, '--ip', '10.9.0.2'],
    [/10\.9\.0\.6 is taken/, '--ip', '10.9.0.6'],
    [/10\.9\.0\.7 is none of the network tiny's/, '--ip', '10.9.0.7'],
    [/10\.9\.1\.1 is none of the network tiny's/, '--ip', '10.9.1.1'],
    [/no IPv6/, '--ip', '10.9.0.3', '--ip6', 'fd00::2'],
  ];
  for (const [message, ...flags] of refused) {
    const { code, stderr } = host.call(['run', '--rm', '--network', 'tiny', ...flags, 'busybox', 'true']);
    assert.match(stderr, message);
    assert.equal(code, 125);
  }
  host.ok('rm', '-f', one);
  assert.equal(
    field(host.idle('--network', 'tiny', '--ip', '10.9.0.2'), 'IPAddress'),
    '10.9.0.2',
    'free again',
  );
});

test('networks are listed, inspected as docker does it, and removed', async () => {
  await using host = await NetworkHost.make();
  const id = host.ok(
    'network',
    'create',
    '--subnet',
    '10.9.0.0/24',
    '--label',
    'tier=web',
    '-o',
    'mtu=1400',
    'net',
  );
  assert.match(host.ok('network', 'ls'), /^NETWORK ID +NAME +DRIVER +SCOPE\n/);
  assert.equal(
    host.ok('network', 'ls', '--format', '{{.Name}} {{.Driver}}'),
    'bridge bridge\nhost host\nnet bridge\nnone null',
  );
  assert.equal(host.ok('network', 'ls', '-q', '--no-trunc', '-f', 'label=tier=web'), id);
  const [shown] = JSON.parse(host.ok('network', 'inspect', 'net')) as readonly Record<string, unknown>[];
  assert.deepEqual(shown?.['IPAM'], {
    Driver: 'default',
    Options: null,
    Config: [{ Subnet: '10.9.0.0/24', Gateway: '10.9.0.1' }],
  });
  assert.deepEqual([shown['Id'], shown['Labels']], [id, { tier: 'web' }]);
  assert.match(host.script('ifconfig eth0', '--network', 'net').text, /MTU:1400/);
  const refused: readonly (readonly [RegExp, ...string[]])[] = [
    [/already/, 'net'],
    [/overlaps with 10\.9\.0\.0\/24/, '--subnet', '10.9.0.0/16', 'x'],
    [/overlaps with 192\.0\.2\.0\/24/, '--subnet', '192.0.2.0/25', 'x'],
    [/did you mean 10\.8\.0\.0\/24/, '--subnet', '10.8.0.1/24', 'x'],
    [/no subnet/, '--subnet', 'ten', 'x'],
    [/lies in no subnet/, '--subnet', '10.8.0.0/24', '--gateway', '10.7.0.1', 'x'],
    [/means something else/, 'host'],
    [/name "a\/b" is invalid/, 'a/b'],
    [/option "color" is unknown/, '-o', 'color=red', 'x'],
    [/parent=NAME/, '-d', 'macvlan', 'x'],
    [/driver "overlay" is unknown/, '-d', 'overlay', 'x'],
  ];
  for (const [message, ...args] of refused) {
    const { code, stderr } = host.call(['network', 'create', ...args]);
    assert.match(stderr, message);
    assert.notEqual(code, 0);
  }
  assert.match(host.call(['network', 'rm', 'bridge']).stderr, /default one/);
  assert.match(host.call(['network', 'rm', 'absent']).stderr, /no network "absent"/);
  host.ok('network', 'create', 'spare');
  const user = host.idle('--network', 'net');
  assert.equal(host.ok('network', 'prune', '-f'), 'Deleted Networks:\nspare\n');
  host.ok('rm', '-f', user);
  assert.equal(host.ok('network', 'rm', 'net'), 'net');
  assert.equal(host.call(['network', 'inspect', 'net']).code, 1);
});

test('a macvlan network shares an interface of the host', async () => {
  await using host = await NetworkHost.make();
  host.ok(
    'network',
    'create',
    '-d',
    'macvlan',
    '-o',
    'parent=up0',
    '--subnet',
    '192.0.2.0/24',
    '--gateway',
    beyond,
    'lan',
  );
  await host.serveAt(host.world.path, { kind: 'tcp', port: 7000, name: 'world' });
  const one = host.idle('--network', 'lan', '--ip', '192.0.2.77');
  assert.equal(host.ok('exec', one, 'nc', '-w', '2', beyond, '7000'), 'world ::ffff:192.0.2.77');
  await host.serve(one, { kind: 'tcp', port: 80, name: 'lan' });
  assert.match(host.ask(host.world, '192.0.2.77', 80) ?? '', /^lan/);
  host.ok('rm', '-f', one);
  host.ok('network', 'rm', 'lan');
  assert.deepEqual(await host.leftovers(), []);
});

test('what a killed command left of a network is in nobody’s way, and a damaged record can be removed', async () => {
  await using host = await NetworkHost.make();
  const record = (name: string): string => join(host.store, 'networks', name, 'network.json');
  for (const name of ['half', 'empty', 'pruned', 'damaged', 'other']) host.ok('network', 'create', name);
  for (const name of ['half', 'pruned']) rmSync(record(name));
  writeFileSync(record('empty'), '');
  writeFileSync(record('damaged'), '{"version":1}');
  for (const name of ['half', 'empty']) host.ok('network', 'create', name);
  assert.equal(host.script('true', '--network', 'half').code, 0);
  assert.match(host.call(['network', 'inspect', 'damaged']).stderr, /is damaged: remove the network by/);
  assert.match(host.ok('network', 'ls', '--format', '{{.Name}}'), /^bridge\nempty\nhalf\nhost\nnone\nother$/);
  host.ok('network', 'rm', 'damaged');
  host.ok('network', 'prune', '-f');
  assert.deepEqual(readdirSync(join(host.store, 'networks')), ['bridge']);
});
