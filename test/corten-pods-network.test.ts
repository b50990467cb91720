// Networks of pods, on a host that is a network namespace of the test's own.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NetworkHost } from './network/host.ts';

const { address, beyond } = NetworkHost;

const idle = ['busybox', 'sleep', '1000'];

test('published ports are the pod’s, whichever container serves them, and all of its containers show them', async () => {
  await using host = await NetworkHost.make();
  host.ok('pod', 'create', '-p', '8080:80', 'p');
  for (const name of ['one', 'two']) host.note(host.ok('run', '-d', '--pod', 'p', '--name', name, ...idle));
  await host.serve('two', { kind: 'tcp', port: 80, name: 'two' });
  assert.match(host.ask(host.here, '127.0.0.1', 8080) ?? '', /^two/);
  assert.match(host.ask(host.world, address, 8080) ?? '', /^two/);
  assert.equal(host.addressOf('one'), host.addressOf('two'));
  assert.match(host.ok('ps', '--filter', 'name=one'), / 0\.0\.0\.0:8080->80\/tcp, :::8080->80\/tcp /);
  assert.equal(host.ok('port', 'one'), '80/tcp -> 0.0.0.0:8080\n80/tcp -> [::]:8080');
  assert.match(host.ok('exec', 'one', 'nc', '-w', '2', '127.0.0.1', '80'), /^two/);
  assert.match(host.ok('exec', 'one', 'ip', 'route'), /default via 10\.85\.0\.1/);
  host.ok('pod', 'create', '-p', '8080:80', 'q');
  const taken = host.call(['run', '--rm', '--pod', 'q', ...idle]);
  assert.deepEqual([taken.code, /port 8080 of the host is taken/.test(taken.stderr)], [125, true]);
  host.ok('pod', 'stop', '-t', '0', 'p');
  assert.equal(host.ask(host.here, '127.0.0.1', 8080), undefined);
  host.note(host.ok('run', '-d', '--pod', 'q', '--name', 'three', ...idle));
  await host.serve('three', { kind: 'tcp', port: 80, name: 'three' });
  assert.match(
    host.ask(host.here, '127.0.0.1', 8080) ?? '',
    /^three/,
    'what was refused begins where the port is free',
  );
  host.ok('pod', 'rm', '-fa');
  assert.deepEqual(await host.leftovers(), []);
});

test('all that pod create says of the network holds for its containers', async () => {
  await using host = await NetworkHost.make();
  const flags = [
    '--mac-address',
    '02:42:0A:55:01:02',
    '--ip',
    '10.85.7.7',
    '--add-host',
    'other.example:172.20.1.2',
  ];
  const dns = ['--dns', '172.20.3.4', '--dns-search', 'search.example', '--dns-option', 'ndots:7'];
  host.ok('pod', 'create', '--name', 'p', '--hostname', 'name.example', ...flags, ...dns);
  const run = (...words: readonly string[]): string =>
    host.ok('run', '--rm', '--pod', 'p', 'busybox', ...words);
  const link = run('ifconfig', 'eth0');
  assert.match(link, /HWaddr 02:42:0A:55:01:02/);
  assert.match(link, /inet addr:10\.85\.7\.7 /);
  assert.match(run('cat', '/etc/hosts'), /^172\.20\.1\.2\tother\.example\n10\.85\.7\.7\tname\.example$/m);
  assert.equal(
    run('cat', '/etc/resolv.conf'),
    'search search.example\nnameserver 172.20.3.4\noptions ndots:7',
  );
  assert.match(run('ping', '-c1', 'name.example'), /1 packets received/);
  assert.match(
    host.ok('pod', 'inspect', '-f', '{{json .InfraConfig}}', 'p'),
    /"HostAdd":\["other\.example:172\.20\.1\.2"\],"Networks":\["bridge"\],"Addresses":\{"bridge":\["10\.85\.7\.7"\]\}/,
  );
  host.ok('pod', 'rm', 'p', '-f');
  assert.deepEqual(await host.leftovers(), []);
});

test('pods of a network find each other by name, and those of others don’t', async () => {
  await using host = await NetworkHost.make();
  host.ok('network', 'create', '--subnet', '10.91.0.0/24', 'web');
  for (const pod of ['back', 'front']) host.ok('pod', 'create', '--network', 'web', pod);
  host.note(host.ok('run', '-d', '--pod', 'back', '--name', 'db', ...idle));
  host.note(host.ok('run', '-d', '--pod', 'front', '--name', 'site', ...idle));
  await host.serve('db', { kind: 'tcp', port: 5432, name: 'db' });
  assert.match(host.ok('exec', 'site', 'nc', '-w', '3', 'back', '5432'), /^db /);
  host.note(host.ok('run', '-d', '--name', 'alone', ...idle));
  const place = host.inspect('db', '{{.NetworkSettings.Networks.web.IPAddress}}');
  assert.notEqual(host.call(['exec', 'alone', 'nc', '-w', '1', place, '5432']).code, 0);
  assert.match(host.call(['network', 'rm', 'web']).stderr, /is in use by (back, front|front, back)/);
  host.ok('pod', 'rm', '-fa');
  host.ok('network', 'rm', 'web');
  host.ok('rm', '-f', 'alone');
  assert.deepEqual(await host.leftovers(), []);
});

test('a pod of the host’s network, and one without any', async () => {
  await using host = await NetworkHost.make();
  host.ok('pod', 'create', '--network', 'host', 'h');
  host.ok('pod', 'create', '--network', 'none', 'n');
  assert.equal(host.ok('pod', 'inspect', '-f', '{{.InfraConfig.HostNetwork}}', 'h', 'n'), 'true\nfalse');
  assert.match(host.ok('run', '--rm', '--pod', 'h', 'busybox', 'ifconfig', '-a'), /^up0 /m);
  assert.doesNotMatch(host.ok('run', '--rm', '--pod', 'n', 'busybox', 'ifconfig', '-a'), /eth0|up0/);
  host.ok('pod', 'rm', '-fa');
  assert.deepEqual(await host.leftovers(), []);
});

test('a flushed firewall is mended for a pod too', async () => {
  await using host = await NetworkHost.make();
  host.ok('pod', 'create', '-p', '8080:80', 'p');
  host.note(host.ok('run', '-d', '--pod', 'p', '--name', 'one', ...idle));
  await host.serve('one', { kind: 'tcp', port: 80, name: 'one' });
  host.here.sh('nft flush ruleset');
  const deadline = Date.now() + 10_000;
  while (host.ask(host.world, address, 8080) === undefined) assert.ok(Date.now() < deadline);
  assert.match(host.ok('exec', 'one', 'ping', '-c1', beyond), /1 packets received/);
  host.ok('pod', 'rm', '-f', 'p');
  assert.deepEqual(await host.leftovers(), []);
});
