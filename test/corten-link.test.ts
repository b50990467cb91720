// --link, docker's old way of finding another container; --storage-opt, which is refused.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NetworkHost } from './network/host.ts';

test('--link: the other’s address under both names, and its ports and variables', async () => {
  await using host = await NetworkHost.make();
  host.idle('--name', 'db', '-e', 'USER_NAME=me');
  const address = host.addressOf('db');
  const script =
    'grep store /etc/hosts; ping -c 1 -W 5 store >/dev/null && echo reached; env | grep ^STORE_ | sort';
  const said = host.script(script, '--name', 'web', '--link', 'db:store', '-e', 'STORE_NAME=mine');
  const id = host.inspect('db', '{{.Id}}').slice(0, 12);
  assert.equal(
    said.text,
    [
      `${address}\tstore ${id} db`,
      'reached',
      'STORE_ENV_FROM_IMAGE=yes',
      'STORE_ENV_USER_NAME=me',
      'STORE_NAME=mine',
      `STORE_PORT=tcp://${address}:80`,
      `STORE_PORT_80_TCP=tcp://${address}:80`,
      `STORE_PORT_80_TCP_ADDR=${address}`,
      'STORE_PORT_80_TCP_PORT=80',
      'STORE_PORT_80_TCP_PROTO=tcp',
      `STORE_PORT_90_UDP=udp://${address}:90`,
      `STORE_PORT_90_UDP_ADDR=${address}`,
      'STORE_PORT_90_UDP_PORT=90',
      'STORE_PORT_90_UDP_PROTO=udp',
      '',
    ].join('\n'),
    said.stderr,
  );
  host.note(host.ok('create', '--name', 'later', '--link', 'db', 'busybox', 'true'));
  assert.equal(host.inspect('later', '{{json .HostConfig.Links}}'), '["/db:/later/db"]');
  host.ok('stop', '-t', '0', 'db');
  assert.match(
    host.call(['start', 'later']).stderr,
    /The container db, which later is linked with, is not running/,
  );
  assert.equal(host.call(['run', '--link', 'none', 'busybox', 'true']).code, 125);
  host.ok('network', 'create', 'other');
  host.ok('start', 'db');
  const { stderr } = host.call(['run', '--network', 'other', '--link', 'db', 'busybox', 'true']);
  assert.match(stderr, /The container db is in no network of /);
});

test('--storage-opt is refused with its reason', async () => {
  await using host = await NetworkHost.make();
  const { code, stderr } = host.call(['run', '--storage-opt', 'size=1G', 'busybox', 'true']);
  assert.equal(code, 125);
  assert.match(stderr, /--storage-opt size=1G is not supported .* no project quotas/);
});
