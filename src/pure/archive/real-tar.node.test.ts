import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { describeTree, convertTo, Scratch, withMounts } from './testing/on-disk.node.test.ts';
import { archiveOf, type Sketch } from './testing/archive-of.ts';

/** A tree of every kind of file that tar can hold. */
const SOURCE = `
mkdir -p source/dir/sub source/many source/${'d'.repeat(120)}/${'e'.repeat(150)}
cd source
for n in 0 1 511 512 513 1983 1984 2048 4032 4095 4096 4097 8192 100000; do head -c $n /dev/urandom > dir/f$n; done
for i in $(seq 1 400); do echo $i > many/file-number-$i; done
chmod 4755 dir/f512; chown 70000:80000 dir/f513; chmod 1777 dir/sub; chown 3000000:3000001 dir/sub
ln dir/f4097 hard; ln dir/f4097 dir/sub/hard2
ln -s dir/f1 short; ln -s ${'t'.repeat(90)}/${'u'.repeat(90)} long
mknod null c 1 3; mknod disk b 259 70000; mkfifo pipe; chmod 620 pipe
echo long > ${'n'.repeat(200)}; echo deep > ${'d'.repeat(120)}/${'e'.repeat(150)}/f
printf odd > "$(printf 'latin-\\351\\377')"; printf 1 > '!a'; printf 1 > ' space'; printf 1 > '-dash'; mkdir '...' '..a'
touch -d '1969-12-31T23:00:00.25Z' dir/f1; touch -d '2100-01-01T00:00:00.123456789Z' dir/f0
touch -d '2020-02-02T02:02:02.000000001Z' dir/sub many .
`;
const XATTRS = `
cd source
setfattr -n user.text -v value dir/f1; setfattr -n user.empty dir/f1; setfattr -n user.equal=sign%25 -v 1 dir/f1
setfattr -n user.binary -v 0x000a3d00ff dir; setfattr -n trusted.t -v 1 many
setfattr -n security.capability -v 0x0100000200040000000000000000000000000000 dir/f513
setfattr -n user.big -v 0x$(printf '61%.0s' $(seq 1 2000)) dir/f2048
setfattr -n system.posix_acl_access -v 0x0200000001000600ffffffff020004003905000004000400ffffffff10000600ffffffff20000400ffffffff dir/f4096
setfattr -n system.posix_acl_default -v 0x0200000001000700ffffffff020005003905000004000500ffffffff10000500ffffffff20000500ffffffff dir/sub
`;
const UNPACK = "tar --xattrs --xattrs-include='*' --numeric-owner --same-owner -p -x";

/** Makes an archive by a command in the scratch directory, converts it, mounts it and compares it with tar -x. */
async function compare(scratch: Scratch, { make }: { make: string }): Promise<string> {
  scratch.sh(`${make}\nmkdir -p out mnt\n${UNPACK} -f a.tar -C out`);
  convertTo(scratch.file('a.erofs'), readFileSync(scratch.file('a.tar')));
  const expected = describeTree(scratch.file('out'));
  let seen = '';
  await withMounts(`mount -t erofs -o ro ${scratch.file('a.erofs')} ${scratch.file('mnt')}`, (root) => {
    const image = describeTree(root + scratch.file('mnt'));
    assert.ok(image.size > 3);
    for (const [path, line] of expected) assert.equal(image.get(path), line, path);
    assert.equal(image.size, expected.size);
    seen = [...image.values()].join('\n');
  });
  return seen;
}

for (const format of ['gnu', 'posix', 'oldgnu'] as const) {
  test(`LayerConverter makes of GNU tar's ${format} archive the tree that tar makes`, async () => {
    using scratch = new Scratch();
    scratch.sh(SOURCE);
    await compare(scratch, { make: `tar --format=${format} -cf a.tar -C source .` });
  });
}

test("LayerConverter makes of GNU tar's ustar archive the tree that tar makes", async () => {
  using scratch = new Scratch();
  scratch.sh(
    `${SOURCE}\nrm -r ${'n'.repeat(200)} ${'d'.repeat(120)} disk long; chown -R 1000:1000 .; touch -d @0 dir/f1`,
  );
  await compare(scratch, { make: 'tar --format=ustar -cf a.tar -C source .' });
});

test("LayerConverter keeps the extended attributes and ACLs of GNU tar's archives", async () => {
  using scratch = new Scratch();
  scratch.sh(SOURCE);
  scratch.sh(XATTRS);
  const make = "tar --xattrs --xattrs-include='*' --format=posix -cf a.tar -C source .";
  const seen = await compare(scratch, { make });
  const names = ['user.text', 'user.empty', 'user.binary', 'trusted.t', 'security.capability', 'user.big'];
  for (const name of [...names, 'system.posix_acl_access', 'system.posix_acl_default'])
    assert.ok(seen.includes(name), name);
});

test("LayerConverter expands GNU tar's sparse files of all formats", async () => {
  const make = `mkdir -p source && cd source
    truncate -s 3000000 holes; truncate -s 100 short; echo x > plain
    for at in 0 40000 41000 1000000 2999990; do printf data-$at | dd of=many bs=1 seek=$at conv=notrunc 2>/dev/null; done
    for i in $(seq 1 40); do printf $i | dd of=forty bs=4096 seek=$((i * 3)) conv=notrunc 2>/dev/null; done
    cd ..`;
  for (const format of [
    'gnu',
    'posix --sparse-version=0.0',
    'posix --sparse-version=0.1',
    'posix --sparse-version=1.0',
  ]) {
    using scratch = new Scratch();
    await compare(scratch, { make: `${make}\ntar -S --format=${format} -cf a.tar -C source .` });
  }
});

test('LayerConverter takes a sparse file of 200 GiB, so that what follows has a number beyond 32 bits', async () => {
  using scratch = new Scratch();
  scratch.sh(`mkdir -p source/z mnt && cd source && truncate -s 200G a && printf end >> a
    printf after > z/b && ln z/b z/c && ln -s b z/l && cd .. && tar -S --format=posix -cf a.tar -C source a z`);
  convertTo(scratch.file('a.erofs'), readFileSync(scratch.file('a.tar')));
  assert.ok(statSync(scratch.file('a.erofs')).blocks < 1000, 'holes take no room');
  await withMounts(`mount -t erofs -o ro ${scratch.file('a.erofs')} ${scratch.file('mnt')}`, (root) => {
    const path = root + scratch.file('mnt');
    assert.equal(statSync(`${path}/a`).size, 200 * 2 ** 30 + 3);
    const file = openSync(`${path}/a`, 'r');
    const bytes = Buffer.alloc(8);
    assert.equal(readSync(file, bytes, 0, 8, 200 * 2 ** 30 - 5), 8);
    closeSync(file);
    assert.equal(bytes.toString(), '\0\0\0\0\0end');
    const tree = describeTree(`${path}/z`);
    assert.deepEqual([...tree.keys()], ['', '/b', '/c', '/l']);
    assert.match(tree.get('/c') ?? '', / 2 \/b 5 /);
    assert.equal(readFileSync(`${path}/z/l`, 'utf8'), 'after');
  });
});

test('LayerConverter makes of the archive of busybox the tree that tar makes', async () => {
  using scratch = new Scratch();
  scratch.sh(`${SOURCE}\nchown -R 1:1 .; touch -d @0 dir/f1; touch -d @1 dir/f0`);
  await compare(scratch, { make: 'busybox tar -cf a.tar -C source .' });
});

test('LayerConverter makes of a layer of umoci the tree that tar makes', async () => {
  using scratch = new Scratch();
  const make = `umoci init --layout oci && umoci new --image oci:i && umoci unpack --image oci:i bundle >/dev/null
    rm -r bundle/rootfs && cp -a source bundle/rootfs
    umoci repack --image oci:i bundle >/dev/null 2>&1
    manifest=$(sed 's/.*sha256:\\([0-9a-f]*\\).*/\\1/' oci/index.json)
    layer=$(sed 's/.*"layers":\\[{[^]]*sha256:\\([0-9a-f]*\\).*/\\1/' oci/blobs/sha256/$manifest)
    gzip -dc oci/blobs/sha256/$layer > a.tar`;
  scratch.sh(SOURCE);
  await compare(scratch, { make });
});

test('GNU tar takes the archives of TarWriter as they are meant', () => {
  using scratch = new Scratch();
  const words: Sketch[] = [
    { path: './', mode: 0o755 },
    { path: 'dir/', mode: 0o1777, uid: 3_000_000, nanoseconds: 123_456_789 },
    { path: 'dir/file', content: 'content', mode: 0o4755, gid: 4_000_000_000, xattrs: { 'user.a=%': 'v\n' } },
    { path: `${'p'.repeat(120)}/`, type: 'directory' },
    { path: `${'p'.repeat(120)}/${'n'.repeat(200)}`, content: 'long' },
    { path: 'early', content: 'e', seconds: -5, nanoseconds: 250_000_000 },
    { path: 'link', type: 'symlink', link: 't'.repeat(300) },
    { path: 'hard', type: 'hardlink', link: 'dir/file' },
    { path: 'null', type: 'character', device: { major: 1, minor: 3 } },
  ];
  writeFileSync(scratch.file('a.tar'), archiveOf(...words));
  scratch.sh(`mkdir out && ${UNPACK} -f a.tar -C out 2>/dev/null && touch -d @1700000000 out`);
  const tree = describeTree(scratch.file('out'));
  assert.equal(tree.size, words.length);
  assert.match(tree.get('/dir') ?? '', /^41777 3000000 0 1700000000123456789/);
  assert.match(
    tree.get('/dir/file') ?? '',
    /^104755 0 4000000000 .* 2 \/dir\/file 7 .* user\.a\\075%=0x760a$/,
  );
  assert.match(tree.get('/early') ?? '', /^100644 0 0 -4750000000 1/);
  assert.match(tree.get('/link') ?? '', new RegExp(`${'t'.repeat(300)}$`));
});
