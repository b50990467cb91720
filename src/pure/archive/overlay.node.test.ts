import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { archiveOf, type Words } from './testing/archive-of.ts';
import { convertTo, describeTree, DiskImage, Scratch, withMounts } from './testing/on-disk.node.test.ts';

type Layers = readonly (readonly Words[])[];

/** Converts layers, the bottom one first, and stacks their images by overlayfs with an empty upper. */
async function merge(layers: Layers): Promise<Map<string, string>> {
  using scratch = new Scratch();
  using stack = new DisposableStack();
  const lowers: DiskImage[] = [];
  const mounts = ['mkdir -p upper work merged'];
  layers.forEach((words, i) => {
    convertTo(scratch.file(`${i}.erofs`), archiveOf(...words), { lowers: [...lowers] });
    lowers.push(stack.use(new DiskImage(scratch.file(`${i}.erofs`), 'r')));
    mounts.push(`mkdir m${i}`, `mount -t erofs -o ro ${i}.erofs m${i}`);
  });
  const lower = layers
    .map((_, i) => `m${i}`)
    .toReversed()
    .join(':');
  mounts.push(`mount -t overlay -o index=off,lowerdir=${lower},upperdir=upper,workdir=work overlay merged`);
  let merged = new Map<string, string>();
  await withMounts(`cd ${scratch.path}\n${mounts.join('\n')}`, (root) => {
    merged = describeTree(root + scratch.file('merged'));
  });
  return merged;
}

/** The paths of the merged tree. */
async function paths(layers: Layers): Promise<string[]> {
  return [...(await merge(layers)).keys()].filter((path) => path !== '');
}

/** Compares the merged tree with the one that umoci unpacks. */
async function compareWithUmoci(layers: Layers): Promise<Map<string, string>> {
  using scratch = new Scratch();
  const adds = layers.map((words, i) => {
    writeFileSync(scratch.file(`${i}.tar`), archiveOf({ path: './', type: 'directory' }, ...words));
    return `umoci raw add-layer --image oci:i ${i}.tar`;
  });
  scratch.sh(
    `umoci init --layout oci; umoci new --image oci:i; ${adds.join('; ')}; umoci unpack --image oci:i bundle`,
  );
  const expected = describeTree(scratch.file('bundle/rootfs'));
  const merged = await merge(layers);
  assert.deepEqual([...merged.keys()].toSorted(), [...expected.keys()].toSorted());
  for (const [path, line] of expected) if (path !== '') assert.equal(merged.get(path), line, path);
  return merged;
}

test('A whiteout hides the file below, and is never shown itself', async () => {
  const bottom = ['d/', 'd/gone', 'd/kept', 'top', 'tree/', 'tree/sub/', 'tree/sub/f'];
  assert.deepEqual(await paths([bottom, ['d/', 'd/.wh.gone', '.wh.top', '.wh.tree']]), ['/d', '/d/kept']);
  // In directories that no other layer has, that are opaque, or below such: overlayfs does not merge these.
  assert.deepEqual(await paths([['new/', 'new/.wh.x', 'new/f']]), ['/new', '/new/f']);
  assert.deepEqual(await paths([['f'], ['new/', 'new/deep/', 'new/deep/.wh.x', '.wh.f']]), [
    '/new',
    '/new/deep',
  ]);
  const opaque = ['d/', 'd/.wh..wh..opq', 'd/.wh.gone', 'd/f', '.wh.top', '.wh.tree'];
  assert.deepEqual(await paths([bottom, opaque]), ['/d', '/d/f']);
});

test('An opaque directory hides all below it, and an opaque root too', async () => {
  const bottom = ['d/', 'd/old', 'd/sub/', 'd/sub/f', 'e/', 'e/f'];
  assert.deepEqual(await paths([bottom, ['d/', 'd/.wh..wh..opq', 'd/sub/', 'd/sub/g']]), [
    '/d',
    '/d/sub',
    '/d/sub/g',
    '/e',
    '/e/f',
  ]);
  assert.deepEqual(await paths([bottom, ['./.wh..wh..opq', 'd/', 'd/new']]), ['/d', '/d/new']);
});

test('Layers merge to the tree that umoci unpacks', async () => {
  const bottom: Words[] = [
    { path: 'low/', mode: 0o1777, uid: 3, nanoseconds: 5 },
    ...['keep', 'gone', 'todir', 'tolink', 'linked'].map((name) => `low/${name}`),
    'opq/',
    'opq/old',
    'gonedir/',
    'gonedir/sub/',
    'gonedir/sub/f',
    'refile/',
    'refile/f',
    { path: 'usr/', seconds: 1_600_000_000 },
    { path: 'usr/lib/', seconds: 1_600_000_001, xattrs: { 'user.n': 'v' } },
    {
      path: 'usr/lib/big',
      content: 'x'.repeat(300_000),
      mode: 0o4711,
      xattrs: { 'security.capability': '\x01\0\0\x02\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' },
    },
  ];
  const top: Words[] = [
    { path: 'low/', mode: 0o700 },
    'low/.wh.gone',
    '.wh.gonedir',
    { path: 'low/todir/' },
    'low/todir/x',
    'low/tolink -> keep',
    { path: 'opq/', mode: 0o711 },
    'opq/.wh..wh..opq',
    'opq/new',
    { path: 'refile', content: 'now a file' },
    'hard => usr/lib/big',
    { path: 'usr/lib/', seconds: 1_600_000_002, mode: 0o711 },
  ];
  const merged = await compareWithUmoci([
    bottom,
    top,
    [
      { path: 'low/keep', content: 'changed' },
      { path: 'low/', mode: 0o755 },
    ],
  ]);
  assert.match(merged.get('/usr/lib/big') ?? '', /^104711 .*security\.capability/);
});

test('A directory that a layer does not name keeps the mode, owner, time and attributes it has below', async () => {
  const below: Words[] = [
    { path: 'var/', mode: 0o1777, uid: 7, gid: 8, seconds: 99, nanoseconds: 9, xattrs: { 'user.n': 'v' } },
  ];
  const merged = await merge([below, ['var/f']]);
  assert.equal(merged.get('/var')?.trimEnd(), '41777 7 8 99000000009    user.n=0x76');
  assert.ok(merged.has('/var/f'));
});
