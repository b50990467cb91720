import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Digest } from '../../pure/base/digest.ts';
import { requireImage } from '../../pure/store/find-image.ts';
import { buildImage, digestOf, layerOf, ociArchive } from './testing/image-builder.ts';
import { TempStore } from './testing/temp-store.ts';

/** What these tests run. */
export const DEBIAN_PACKAGES = ['skopeo', 'umoci'];

const HELLO_IMAGE = fileURLToPath(new URL('../../../scripts/hello-image.mjs', import.meta.url));
const NAME = 'docker.io/library/a:latest';

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function skopeo(...args: readonly string[]): string {
  return run('skopeo', '--insecure-policy', ...args);
}

test('skopeo reads the store as an OCI layout, and what it makes of it loads as the same image', async () => {
  using store = new TempStore();
  const built = buildImage({ layers: [layerOf('a', '1'), layerOf('b', '2')] });
  const id = digestOf(built.config) as Digest;
  await store.load(ociArchive(built, 'a'));
  const inspected = JSON.parse(skopeo('inspect', '--raw', `oci:${store.root}:${NAME}`));
  assert.equal(inspected.config.digest, id);
  for (const [kind, file] of [
    ['docker-archive', 'd.tar'],
    ['oci-archive', 'o.tar'],
  ] as const) {
    using second = new TempStore();
    const path = join(second.folder, file);
    skopeo('copy', '-q', `oci:${store.root}:${NAME}`, `${kind}:${path}:quay.io/b/c:2`);
    assert.deepEqual(await second.load(readFileSync(path)), [{ id, references: ['quay.io/b/c:2'] }]);
    using db = second.openDatabase();
    using first = store.openDatabase();
    assert.deepEqual(requireImage(db, id).layers, requireImage(first, id).layers);
  }
});

test('the hello archive, copied by skopeo from form to form and compressed anew, stays the same image', async () => {
  using store = new TempStore();
  const path = (name: string) => join(store.folder, name);
  writeFileSync(
    path('hello.tar'),
    execFileSync(process.execPath, [HELLO_IMAGE, '/bin/true'], { maxBuffer: 1 << 26 }),
  );
  const [hello] = await store.load(readFileSync(path('hello.tar')));
  using first = store.openDatabase();
  const layers = requireImage(first, 'hello').layers;
  const steps = [
    ['oci-archive:', 'hello.tar', 'docker-archive:', 'docker.tar', ''],
    ['docker-archive:', 'docker.tar', 'oci-archive:', 'plain.tar', ''],
    ['docker-archive:', 'docker.tar', 'oci-archive:', 'gzip.tar', 'gzip'],
    ['oci-archive:', 'hello.tar', 'oci-archive:', 'zstd.tar', 'zstd'],
    ['oci-archive:', 'gzip.tar', 'docker-archive:', 'back.tar', ''],
  ] as const;
  for (const [from, source, to, target, compression] of steps) {
    const options = compression === '' ? [] : ['--dest-compress-format', compression];
    skopeo('copy', '-q', ...options, `${from}${path(source)}`, `${to}${path(target)}:again:1`);
    for (const archive of [readFileSync(path(target)), gzipSync(readFileSync(path(target)))]) {
      using second = new TempStore();
      const [loaded] = await second.load(archive);
      assert.equal(loaded?.id, hello?.id, target);
      assert.match(loaded?.references[0] ?? '', /^docker\.io\/library\/again:1$/);
      using db = second.openDatabase();
      assert.deepEqual(requireImage(db, 'again:1').layers, layers, target);
    }
  }
});

test('an image that umoci built from directories loads, its layers compressed with gzip', async () => {
  using store = new TempStore();
  const layout = join(store.folder, 'layout');
  const bundle = join(store.folder, 'bundle');
  run('umoci', 'init', '--layout', layout);
  run('umoci', 'new', '--image', `${layout}:made`);
  run('umoci', 'unpack', '--image', `${layout}:made`, bundle);
  mkdirSync(join(bundle, 'rootfs/bin'), { mode: 0o755 });
  copyFileSync('/bin/true', join(bundle, 'rootfs/bin/true'));
  chmodSync(join(bundle, 'rootfs/bin/true'), 0o4755);
  symlinkSync('bin/true', join(bundle, 'rootfs/link'));
  writeFileSync(join(bundle, 'rootfs/ümlaut'), 'x');
  run('umoci', 'repack', '--image', `${layout}:made`, bundle);
  const archive = execFileSync('tar', ['-C', layout, '-c', '.'], { maxBuffer: 1 << 28 });
  const [image] = await store.load(archive);
  assert.deepEqual(image?.references, ['docker.io/library/made:latest']);
  const [[mediaTypes]] = store.query(
    "SELECT group_concat(media_type) FROM contents WHERE media_type LIKE '%layer%'",
  ) as [[string]];
  assert.match(mediaTypes, /^application\/vnd\.oci\.image\.layer\.v1\.tar\+gzip/);
});
