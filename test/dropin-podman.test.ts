// Debian's podman with `--runtime runt`.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { commonCases } from './dropin/cases.ts';
import { Peer } from './dropin/peer.ts';
import { startPodman } from './dropin/podman.ts';

const engine = await startPodman();
after(() => engine.close());

const peer = new Peer(engine);
commonCases(peer);

test('podman: a hook gets the container’s state, and one that fails stops the container', () => {
  assert.equal(peer.run(['--annotation', 'dropin.note=yes'], 'true').code, 0);
  const state = JSON.parse(readFileSync(join(engine.folder, 'state.json'), 'utf8')) as Record<
    string,
    unknown
  >;
  assert.equal(typeof state['pid'], 'number');
  assert.match(String(state['bundle']), /userdata$/);
  const { code, stdout, stderr } = peer.run(['--annotation', 'dropin.fail=yes'], 'echo', 'begun');
  assert.deepEqual([code, stdout], [126, '']);
  assert.match(stderr, /hook/);
  assert.equal(peer.ok('ps', '--all', '--quiet'), '');
});
