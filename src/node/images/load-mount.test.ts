import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { requireImage } from '../../pure/store/find-image.ts';
import { buildImage, ociArchive } from './testing/image-builder.ts';
import { TempStore } from './testing/temp-store.ts';

const LIST = `find . -printf '%p %y %m %n %l %T@ ' \\( -type f -printf %s -o -true \\) -printf '\\n' | sort
  find . -type f -exec sha256sum {} + | sort`;

/** What is in the first layer of the store's image, as the kernel shows it; mounted where nobody else sees it. */
function listMounted(store: TempStore, name: string): string {
  using db = store.openDatabase();
  const [layer = ''] = requireImage(db, name).layers;
  const mount = `set -e; mount -t erofs -o ro,nodev "$1" "$2"; cd "$2"; ${LIST}`;
  const args = ['-m', '--propagation', 'private', 'sh', '-c', mount, 'sh', join(store.root, layer)];
  return execFileSync('unshare', [...args, mkdtempSync(join(store.folder, 'mount-'))], { encoding: 'utf8' });
}

test('the kernel mounts a loaded layer and shows the files of its tar', async () => {
  using store = new TempStore();
  const tree = join(store.folder, 'tree');
  mkdirSync(join(tree, 'bin'), { recursive: true });
  mkdirSync(join(tree, 'empty'), { mode: 0o700 });
  writeFileSync(join(tree, 'bin/su'), Buffer.alloc(300_000, 'corten'), { mode: 0o755 });
  execFileSync('chmod', ['4755', join(tree, 'bin/su')]);
  writeFileSync(join(tree, 'nothing'), '');
  writeFileSync(join(tree, 'ümlaut'), 'short');
  linkSync(join(tree, 'bin/su'), join(tree, 'bin/again'));
  symlinkSync('../etc/nowhere', join(tree, 'bin/link'));
  for (let i = 0; i < 300; i++) writeFileSync(join(tree, 'empty', `f${i}`), `${i}`);
  const tar = execFileSync('tar', ['-C', tree, '-c', '.'], { maxBuffer: 1 << 28 });
  const image = buildImage({
    layers: [tar],
    compress: (layer) => gzipSync(layer),
    layerType: 'application/vnd.oci.image.layer.v1.tar+gzip',
  });
  await store.load(ociArchive(image, 'tree'));
  // GNU tar keeps whole seconds in its own format, so the listing of what it unpacks is what a layer can know.
  const unpacked = join(store.folder, 'unpacked');
  mkdirSync(unpacked);
  execFileSync('tar', ['-C', unpacked, '-xp'], { input: tar });
  const expected = execFileSync('sh', ['-c', LIST], { cwd: unpacked, encoding: 'utf8' });
  assert.ok(expected.includes('./bin/su f 4755 2 '));
  assert.equal(listMounted(store, 'tree'), expected);
});
