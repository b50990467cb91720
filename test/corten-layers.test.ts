// Layers as containers have them, in every form that this machine can be made to need.

import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { CORTEN, Engine } from './engine/engine.ts';
import { ImageMaker, makeBusybox } from './engine/images.ts';

const TESTS = fileURLToPath(new URL('../bin/corten-test', import.meta.url));
const LIMIT_MS = 60_000;
const MIB = 1 << 20;

/** Bytes of the page cache that belong to a container's cgroup, in either version. */
function cachedBy(id: string): number {
  const paths = [`/sys/fs/cgroup/memory/corten-${id}/memory.stat`, `/sys/fs/cgroup/corten-${id}/memory.stat`];
  const text = readFileSync(paths.find((path) => existsSync(path)) ?? '', 'utf8');
  return Number(/^(?:total_cache|file) (\d+)$/m.exec(text)?.[1]);
}

/** An image of 8 MiB beside busybox. */
function addLarge(engine: Engine): void {
  const folder = join(engine.folder, 'large');
  makeBusybox(folder);
  writeFileSync(join(folder, 'large'), Buffer.alloc(8 * MIB, 'x'));
  new ImageMaker(engine.store).add('large', { Env: ['PATH=/bin'] }, [folder]);
  rmSync(folder, { recursive: true });
}

function startReader(engine: Engine): string {
  const script = 'cat /large >/dev/null; echo read; exec sleep 1000';
  const id = engine.ok('run', '-d', 'large', 'sh', '-c', script);
  while (!engine.ok('logs', id).includes('read'));
  return id;
}

test('containers of one image have one page cache, also when the first of them has ended', () => {
  using engine = new Engine();
  addLarge(engine);
  const first = startReader(engine);
  const second = startReader(engine);
  assert.ok(cachedBy(first) >= 8 * MIB, 'the first reads the file');
  assert.ok(cachedBy(second) < MIB, 'the second finds it in memory');
  engine.ok('rm', '-f', first);
  assert.ok(cachedBy(startReader(engine)) < MIB, 'the third has it from the second');
  engine.ok('rm', '-f', ...engine.ok('ps', '-q').split('\n'));
  // Nobody has it any more: what stands written of the three leads nowhere.
  startReader(engine);
});

test('an image that is removed leaves nothing of its layers', () => {
  using engine = new Engine();
  addLarge(engine);
  engine.ok('rm', '-f', startReader(engine));
  const folder = join(engine.run, 'layers');
  // Where layers are shared by loop devices nothing is written down of who has them.
  assert.equal(existsSync(folder), !readFileSync('/proc/version', 'utf8').includes('version 6.1.'));
  engine.ok('rmi', 'large');
  assert.deepEqual(existsSync(folder) ? readdirSync(folder) : [], []);
});

test('the forms of a user namespace pass the suite of all forms', async () => {
  const place = mkdtempSync(join(tmpdir(), 'corten-layers-'));
  const holder = spawn('unshare', ['--user', 'sh', '-c', 'echo ready; exec sleep 100'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(holder.stdout, 'data');
    for (const map of ['uid_map', 'gid_map']) writeFileSync(`/proc/${holder.pid}/${map}`, '0 100000 65536');
    chownSync(place, 100_000, 100_000);
    // The checkout may lie below /tmp itself, which is not to be seen.
    copyFileSync(TESTS, join(place, 'corten-test'));
    const enter = `nsenter -t ${holder.pid} -U --setuid 0 --setgid 0 unshare -m`;
    const script = `mount --bind ${place} /tmp; exec ${enter} /tmp/corten-test ${SUITE}`;
    const words = ['-m', '--propagation', 'private', 'sh', '-euc', script];
    const { stdout, status } = spawnSync('unshare', words, { encoding: 'utf8', timeout: LIMIT_MS });
    assert.equal(status, 0, stdout);
    assert.match(stdout, /^ok \d+ - directory, overlay by \w+, userxattr/m);
  } finally {
    holder.kill('SIGKILL');
    rmSync(place, { recursive: true });
  }
});

const SUITE = 'host/snapshot/conformance';

/** Runs a script where the engine's store lies on an overlay, on which no other can be mounted. */
function onOverlay(engine: Engine, script: string): string {
  const folders = ['above', 'work', 'merged'].map((name) => join(engine.folder, name));
  for (const folder of folders) mkdirSync(folder);
  const [above, work, merged] = folders;
  const mount = `mount -t overlay -o lowerdir=${engine.store},upperdir=${above},workdir=${work} overlay ${merged}`;
  return execFileSync('unshare', ['-m', '--propagation', 'private', 'sh', '-euc', `${mount}\n${script}`], {
    encoding: 'utf8',
    env: { ...engine.env, CORTEN_ROOT: merged },
    timeout: LIMIT_MS,
  });
}

test('a store on a file system without overlay gives each container a copy of its image', () => {
  using engine = new Engine();
  loadSmall(engine);
  const output = onOverlay(
    engine,
    `${CORTEN} run --name one small sh -c 'echo hello >/made; cat /etc/which; stat -c %a /etc'
    ${CORTEN} run --rm small sh -c 'ls /made || echo apart'
    ls $CORTEN_ROOT/containers/*/ | grep -x rootfs
    ${CORTEN} rm one
    ls $CORTEN_ROOT/containers
    cat $CORTEN_ROOT/layer-form.json`,
  );
  assert.match(output, /^upper\n711\napart\nrootfs\none\n\{.*"overlay":"none"/);
});

/** An image of two layers by the loader, whose layers are read by Corten itself too. */
function loadSmall(engine: Engine): void {
  const folder = join(engine.folder, 'small');
  mkdirSync(folder);
  makeBusybox(join(folder, 'lower'));
  mkdirSync(join(folder, 'upper/etc'), { recursive: true });
  writeFileSync(join(folder, 'lower/etc/which'), 'lower\n');
  writeFileSync(join(folder, 'upper/etc/which'), 'upper\n');
  execFileSync(
    'sh',
    [
      '-euc',
      `chmod 711 upper/etc; chown -R 0:0 lower upper
      for layer in lower upper; do tar -cf $layer.tar -C $layer .; done
      umoci init --layout oci; umoci new --image oci:small
      for layer in lower upper; do umoci raw add-layer --image oci:small $layer.tar; done
      umoci config --image oci:small --config.env PATH=/bin
      skopeo copy -q oci:oci:small oci-archive:small.tar:small
      rm -r oci lower upper`,
    ],
    { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  engine.ok('load', '-q', '-i', join(folder, 'small.tar'));
}
