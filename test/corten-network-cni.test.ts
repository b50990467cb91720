// Networks that plugins of the Container Network Interface make, as Debian has them.

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { NetworkHost } from './network/host.ts';

const { beyond } = NetworkHost;

/** A folder with the networks `lab` and `broken`; the environment that names it. */
function configure(host: NetworkHost): Readonly<Record<string, string>> {
  const folder = join(host.folder, 'cni');
  mkdirSync(folder);
  const ipam = {
    type: 'host-local',
    ranges: [[{ subnet: '10.77.0.0/24' }]],
    routes: [{ dst: '0.0.0.0/0' }],
    dataDir: join(host.folder, 'ipam'),
  };
  const bridge = { type: 'bridge', bridge: 'cni-lab', isGateway: true, ipMasq: false, ipam };
  const list = (name: string, plugins: readonly object[]): string =>
    JSON.stringify({ cniVersion: '0.4.0', name, plugins });
  writeFileSync(
    join(folder, '10-lab.conflist'),
    list('lab', [bridge, { type: 'tuning', sysctl: { 'net.core.somaxconn': '321' } }]),
  );
  writeFileSync(
    join(folder, '20-broken.conflist'),
    list('broken', [bridge, { type: 'tuning', sysctl: { 'no.such': '1' } }]),
  );
  writeFileSync(
    join(folder, '30-absent.conf'),
    JSON.stringify({ cniVersion: '0.4.0', name: 'absent', type: 'no-such-plugin' }),
  );
  return { CNI_CONF_DIR: folder };
}

test('a container is in a network that plugins make, and leaves it by them', async () => {
  await using host = await NetworkHost.make();
  const env = configure(host);
  await host.serveAt(host.world.path, { kind: 'tcp', port: 7000, name: 'world' });
  host.here.sh('echo 1 >/proc/sys/net/ipv4/ip_forward');
  const args = ['run', '-d', '--network', 'cni:lab', '--name', 'one', 'busybox', 'sleep', '1000'];
  const { code, stderr } = host.call(args, { env });
  assert.equal(code, 0, stderr);
  assert.equal(host.inspect('one', '{{(index .NetworkSettings.Networks "cni:lab").IPAddress}}'), '10.77.0.2');
  assert.equal(host.ok('exec', 'one', 'nc', '-w', '2', beyond, '7000'), 'world ::ffff:10.77.0.2');
  assert.match(host.ok('exec', 'one', 'cat', '/etc/hosts'), /^10\.77\.0\.2\t/m);
  assert.equal(host.ok('exec', 'one', 'cat', '/proc/sys/net/core/somaxconn'), '321');
  host.ok('rm', '-f', 'one');
  const kept = readdirSync(join(host.folder, 'ipam/lab')).filter((name) => /^\d/.test(name));
  assert.deepEqual(kept, [], 'the address is given back');
  host.here.sh('ip link del cni-lab');
  assert.deepEqual(await host.leftovers(), []);
});

test('what a plugin refuses is said in its words, and what others have made goes', async () => {
  await using host = await NetworkHost.make();
  const env = configure(host);
  const cases: readonly (readonly [string, RegExp])[] = [
    ['cni:broken', /CNI plugin tuning failed: .*"no\.such"/],
    ['cni:absent', /CNI plugin no-such-plugin is not in .*CNI_PATH/],
    ['cni:nothing', /no CNI network "nothing" in .*CNI_CONF_DIR/],
  ];
  for (const [network, message] of cases) {
    const { code, stderr } = host.call(['run', '--rm', '--network', network, 'busybox', 'true'], { env });
    assert.match(stderr, message);
    assert.equal(code, 125);
    assert.deepEqual(host.traces(), []);
  }
  const kept = readdirSync(join(host.folder, 'ipam/broken')).filter((name) => /^\d/.test(name));
  assert.deepEqual(kept, []);
  host.here.sh('ip link del cni-lab');
});
