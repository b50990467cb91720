// Archives go from corten to Debian's podman and docker, and back.

import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { after, test } from 'node:test';
import { join } from 'node:path';
import { startDocker } from './dropin/docker.ts';
import { Peer } from './dropin/peer.ts';
import { startPodman } from './dropin/podman.ts';
import { Engine } from './engine/engine.ts';
import { makeArchive, type LayerForm } from './registry/archives.ts';

const podman = new Peer(await startPodman());
const docker = new Peer(await startDocker());
// podman makes a name of a directory's path, which so has to be lower-case.
const place = `/tmp/corten-archives-${process.pid}`;
mkdirSync(place);
after(async () => {
  rmSync(place, { recursive: true });
  await podman.engine.close();
  await docker.engine.close();
});

/** What each peer's load takes: docker 20.10 knows neither zstd nor OCI layouts. */
const CASES = [
  [podman, 'docker-archive', ['gzip', 'zstd']],
  [podman, 'oci-archive', ['zstd', 'gzip']],
  [podman, 'oci-dir', ['gzip', 'plain']],
  [podman, 'docker-dir', ['gzip', 'gzip']],
  [docker, 'docker-archive', ['gzip', 'plain']],
] as const satisfies readonly (readonly [Peer, string, readonly [LayerForm, LayerForm]])[];

for (const [peer, form, layers] of CASES) {
  test(`${peer.engine.name} loads what save --format=${form} wrote, and load takes what it saves`, () => {
    using engine = new Engine();
    const name = `docker.io/test/${form}-${layers.join('-')}:1`;
    const [, id = ''] =
      /sha256:([0-9a-f]{64})/.exec(engine.ok('load', '-i', makeArchive(engine.folder, layers))) ?? [];
    engine.ok('tag', id, name);
    const there = join(place, form);
    engine.ok('save', `--format=${form}`, '-o', there, name);
    const loaded = peer.ok('load', '-i', there);
    assert.match(loaded, /Loaded image/);
    const peers = form.endsWith('-dir') ? id : name;
    assert.match(peer.inspect(peers, '.Id'), new RegExp(`^(sha256:)?${id}$`));
    const back = join(engine.folder, 'back.tar');
    const asOci = peer === podman ? ['--format', 'oci-archive'] : [];
    peer.ok('save', ...asOci, '-o', back, peers);
    engine.ok('rmi', id);
    engine.ok('load', '-i', back);
    assert.equal(engine.ok('image', 'inspect', '-f', '{{.Id}}', id), `sha256:${id}`);
  });
}

test('docker loads zstd layers that were saved uncompressed, with the same ID', () => {
  using engine = new Engine();
  const [, id = ''] =
    /sha256:([0-9a-f]{64})/.exec(engine.ok('load', '-i', makeArchive(engine.folder, ['zstd', 'zstd']))) ?? [];
  const there = join(engine.folder, 'saved');
  engine.ok('save', '--uncompressed', '-o', there, id);
  assert.match(docker.ok('load', '-i', there), new RegExp(`Loaded image ID: sha256:${id}`));
});
