// The files of images outside containers: unpack, image mount, image unmount, image tree.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Engine } from './engine/engine.ts';
import { loadLayers } from './engine/load-layers.ts';

const BOTTOM = `mkdir -p etc/deep data; echo lower >etc/which; echo gone >etc/gone; echo hidden >data/hidden
  mknod null c 1 3; ln -s etc/which link; echo linked >one; ln one two; chmod 1777 data; chown 7:8 etc/which
  setfattr -n user.mark -v value etc/which; printf odd >"$(printf 'odd\\377')"; touch -d @5 etc/deep`;
const TOP = `mkdir -p etc data; echo upper >etc/which; echo >etc/.wh.gone; echo >data/.wh..wh..opq; echo new >data/new`;

/** An image of two layers, by umoci; and the tree that umoci itself makes of it. */
function twoLayers(engine: Engine): string {
  return loadLayers(engine, 'two', [BOTTOM, TOP]);
}

const LISTING = `cd "$0"; find . -mindepth 1 -type d -printf '%P %y %m %U:%G\\n' | LC_ALL=C sort
    find . -mindepth 1 ! -type d -printf '%P %y %m %U:%G %s %l %n %T@\\n' | LC_ALL=C sort
    find . -type f -exec sha256sum {} + | LC_ALL=C sort; getfattr -R -h -d -m - . 2>/dev/null`;

/** Every path below a directory with all that tells of it but the times of directories, which umoci has otherwise. */
function listing(folder: string): string {
  return execFileSync('sh', ['-euc', LISTING, folder], { encoding: 'utf8' });
}

test('unpack makes the tree that umoci makes, in a new or an empty directory', () => {
  using engine = new Engine();
  const expected = listing(twoLayers(engine));
  const fresh = join(engine.folder, 'fresh');
  engine.ok('unpack', 'two', fresh);
  assert.equal(listing(fresh), expected);
  const empty = join(engine.folder, 'empty');
  mkdirSync(empty);
  engine.ok('unpack', 'two', empty);
  assert.equal(readFileSync(join(empty, 'etc/which'), 'utf8'), 'upper\n');
  assert.deepEqual(readdirSync(join(empty, 'data')), ['new']);
});

test('the files of an image are those that podman has, one by one', () => {
  using engine = new Engine();
  twoLayers(engine);
  const folder = join(engine.folder, 'podman');
  mkdirSync(folder);
  const roots = `--root ${folder}/root --runroot ${folder}/run --tmpdir ${folder}/tmp`;
  const archive = join(engine.folder, 'made-two/image.tar');
  const script = `podman ${roots} load -q -i ${archive} >/dev/null
    cd "$(podman ${roots} image mount two)"; sh -euc '${LISTING.replaceAll("'", `'\\''`)}' .
    cd /; podman ${roots} image umount --all >/dev/null`;
  const words = ['-m', '--propagation', 'private', 'sh', '-euc', script];
  const expected = execFileSync('unshare', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  const fresh = join(engine.folder, 'fresh');
  engine.ok('unpack', 'two', fresh);
  assert.equal(withoutLinks(listing(fresh)), withoutLinks(expected));
});

/** overlayfs counts names that another layer hides. */
function withoutLinks(text: string): string {
  return text.replaceAll(/ \d+ (?=\d+\.\d+$)/gm, ' ');
}

test('unpack --layer makes one layer alone, with its deletions as overlayfs has them', () => {
  using engine = new Engine();
  twoLayers(engine);
  const [bottom, top] = ['bottom', 'top'].map((name) => join(engine.folder, name)) as [string, string];
  engine.ok('unpack', '--layer', '1', 'two', bottom);
  assert.equal(readFileSync(join(bottom, 'etc/which'), 'utf8'), 'lower\n');
  const [, id = ''] = /└── ID: ([0-9a-f]{12})/.exec(engine.ok('image', 'tree', 'two')) ?? [];
  engine.ok('unpack', '--layer', id, 'two', top);
  const marks = execFileSync(
    'sh',
    ['-c', 'stat -c "%F %t:%T" etc/gone; getfattr -n trusted.overlay.opaque data'],
    {
      cwd: top,
      encoding: 'utf8',
    },
  );
  assert.match(marks, /^character special file 0:0\n.*\ntrusted\.overlay\.opaque="y"/s);
});

test('unpack refuses a directory that has something in it, and leaves nothing of what fails', () => {
  using engine = new Engine();
  twoLayers(engine);
  const full = join(engine.folder, 'full');
  mkdirSync(full);
  writeFileSync(join(full, 'mine'), 'kept');
  const refused = engine.call(['unpack', 'two', full]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /^corten: The directory .*full is not empty/);
  assert.deepEqual(readdirSync(full), ['mine']);
  // A directory on a disk that is full.
  const script = `mount -t tmpfs -o size=100k,nr_inodes=5 tmpfs ${full}; mkdir ${full}/small
    "$@" ${full}/small; echo $?; ls ${full}/small | wc -l; ls ${full}`;
  const words = [
    '-m',
    '--propagation',
    'private',
    'sh',
    '-uc',
    script,
    'sh',
    join(import.meta.dirname, '../bin/corten'),
  ];
  const output = execFileSync('unshare', [...words, 'unpack', 'two'], {
    encoding: 'utf8',
    env: engine.env,
    stdio: 'pipe',
  });
  assert.equal(output, '1\n0\nsmall\n');
  assert.equal(engine.call(['unpack', '--layer', '9', 'two', join(engine.folder, 'none')]).code, 1);
  assert.ok(!existsSync(join(engine.folder, 'none')));
});

test('image mount shows the files of an image, read-only, until image unmount', () => {
  using engine = new Engine();
  const expected = listing(twoLayers(engine));
  const path = engine.ok('image', 'mount', 'two');
  try {
    assert.equal(
      listing(path).replaceAll(/ \d+ (?=\d+\.\d+$)/gm, ' N '),
      expected.replaceAll(/ \d+ (?=\d+\.\d+$)/gm, ' N '),
    );
    assert.throws(() => writeFileSync(join(path, 'new'), ''), /EROFS/);
    assert.equal(engine.ok('image', 'mount', 'two'), path);
    assert.match(engine.ok('image', 'mount'), new RegExp(`\n[0-9a-f]{12} +${path}$`));
    const refused = engine.call(['rmi', 'two']);
    assert.match(refused.stderr, /is mounted at/);
  } finally {
    engine.ok('image', 'unmount', 'two');
  }
  assert.ok(!existsSync(path));
  assert.match(engine.call(['image', 'unmount', 'two']).stderr, /is not mounted/);
  engine.ok('rmi', 'two');
});

test('image unmount waits for nobody but says who is in the way', () => {
  using engine = new Engine();
  twoLayers(engine);
  const path = engine.ok('image', 'mount', 'two');
  const user = spawn('sleep', ['100'], { cwd: path });
  try {
    const refused = engine.call(['image', 'unmount', 'two']);
    assert.match(refused.stderr, /A program is at work in/);
    engine.ok('image', 'unmount', '--force', 'two');
  } finally {
    user.kill('SIGKILL');
  }
  assert.ok(!existsSync(path));
});

test('image tree shows the layers, and who shares them', () => {
  using engine = new Engine();
  twoLayers(engine);
  loadLayers(engine, 'one', [BOTTOM]);
  const tree = engine.ok('image', 'tree', 'two');
  assert.match(
    tree,
    /^Image ID: [0-9a-f]{12}\nTags: {5}\[two:latest\]\nSize: {5}[\d.]+kB\nImage Layers\n├── ID: /,
  );
  assert.match(
    tree,
    /├── ID: [0-9a-f]{12} Size: [\d.]+kB Top Layer of: \[one:latest\]\n└── .* Top Layer of: \[two:latest\]$/,
  );
  assert.match(engine.ok('image', 'tree', '--whatrequires', 'one'), /Tags: \[two:latest\]$/);
  assert.match(engine.ok('image', 'tree', '--whatrequires', 'two'), /Images built on it$/);
});
