import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { Engine } from './engine/engine.ts';
import { makeArchive } from './registry/archives.ts';
import { call, runTool } from './registry/run.ts';

interface Filled {
  readonly engine: Engine;
  /** Of the image `box:1`, whose layers are gzip and zstd. */
  readonly id: string;
  /** Of its manifest, as skopeo sees it before. */
  readonly digest: string;
}

async function filled(): Promise<Filled> {
  const engine = new Engine();
  const layout = makeArchive(engine.folder, ['gzip', 'zstd']);
  const id = engine.ok('load', '-i', layout).replace(/^.*ID: /, '');
  engine.ok('tag', id, 'box:1');
  return { engine, id, digest: await digestOf(layout) };
}

async function digestOf(place: string): Promise<string> {
  const text = await runTool('skopeo', ['inspect', place]);
  return (JSON.parse(text) as { readonly Digest: string }).Digest;
}

test('save keeps every digest in each form that skopeo reads, and load takes each again', async () => {
  const { engine, id, digest } = await filled();
  using _ = engine;
  const path = (name: string): string => join(engine.folder, name);
  const forms = [`oci:${path('layout')}:one`, `oci-archive:${path('oci.tar')}`, `dir:${path('dir')}`];
  for (const place of forms) {
    engine.ok('save', '-o', place, 'box:1');
    assert.equal(await digestOf(place), digest, place);
    engine.ok('rmi', 'box:1');
    assert.match(engine.ok('load', '-i', place), /^Loaded image/);
    engine.ok('tag', id, 'box:1');
    for (const name of engine.ok('image', 'inspect', '-f', '{{.RepoTags}}', id).match(/one:latest/g) ?? [])
      engine.ok('rmi', name);
    assert.equal(engine.ok('run', '--rm', 'box:1', 'cat', '/note'), 'upper');
  }
  // umoci knows no zstd.
  engine.ok('save', '--uncompressed', '-o', `oci:${path('plain')}:one`, 'box:1');
  await runTool('umoci', ['unpack', '--image', `${path('plain')}:one`, path('bundle')]);
  assert.equal(readFileSync(path('bundle/rootfs/note'), 'utf8'), 'upper');
  engine.ok('save', '-o', path('docker.tar'), 'box:1');
  const config = await runTool('skopeo', [
    'inspect',
    '--config',
    '--raw',
    `docker-archive:${path('docker.tar')}`,
  ]);
  assert.equal(JSON.parse(config).rootfs.diff_ids.length, 2);
});

test('an archive has several images, by file and by pipe the same bytes, and one of them can be loaded alone', async () => {
  const { engine } = await filled();
  using _ = engine;
  const other = makeArchive(engine.folder, ['gzip', 'gzip'], { note: 'other' });
  engine.ok('tag', engine.ok('load', '-i', other).replace(/^.*ID: /, ''), 'other:2');
  const file = join(engine.folder, 'both.tar');
  engine.ok('tag', 'box:1', 'box:2');
  engine.ok('save', '-o', file, 'box:1', 'other:2', 'box:2');
  assert.ok(engine.call(['save', 'box:1', 'other:2', 'box:2']).stdout.equals(readFileSync(file)));
  const gone = (): void => void engine.ok('rmi', '-f', 'box:1', 'box:2', 'other:2');
  gone();
  assert.equal(engine.ok('load', '-i', `docker-archive:${file}:other:2`), 'Loaded image: other:2');
  assert.equal(engine.call(['image', 'inspect', 'box:1']).code, 1);
  gone();
  const all = engine.call(['load'], { input: readFileSync(file) }).text;
  assert.deepEqual(
    all.trim().split('\n').toSorted(),
    ['box:1', 'box:2', 'other:2'].map((name) => `Loaded image: ${name}`),
  );
  assert.match(
    engine.call(['load', '-i', `docker-archive:${file}:none`]).stderr,
    /The archive has no image "none": it has "docker\.io\/library\/box:1"/,
  );
});

test('a layout takes one image after another, and a docker-archive that was unpacked loads', async () => {
  const { engine } = await filled();
  using _ = engine;
  const layout = join(engine.folder, 'layout');
  engine.ok('save', '-o', `oci:${layout}:a`, 'box:1');
  engine.ok('save', '-o', `oci:${layout}:b`, 'box:1');
  engine.ok('save', '-o', `oci:${layout}:a`, 'box:1');
  const index = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as {
    readonly manifests: readonly { readonly annotations: Readonly<Record<string, string>> }[];
  };
  assert.deepEqual(
    index.manifests.map(({ annotations }) => annotations['org.opencontainers.image.ref.name']),
    ['b', 'a'],
  );
  assert.equal(engine.ok('load', '-i', `oci:${layout}:b`), 'Loaded image: b:latest');
  const unpacked = join(engine.folder, 'unpacked');
  mkdirSync(unpacked);
  const tar = engine.call(['save', 'box:1']).stdout;
  execFileSync('tar', ['-C', unpacked, '-xf', '-'], { input: tar });
  assert.equal(engine.ok('load', '-i', unpacked), 'Loaded image: box:1');
});

test('uncompressed layers have their DiffIDs as digests, and the image its ID', async () => {
  const { engine, id } = await filled();
  using _ = engine;
  const layout = join(engine.folder, 'layout');
  engine.ok('save', '--uncompressed', '-o', `oci:${layout}`, 'box:1');
  const { Layers } = JSON.parse(await runTool('skopeo', ['inspect', `oci:${layout}`])) as {
    readonly Layers: string[];
  };
  const { RootFS } = JSON.parse(engine.ok('image', 'inspect', 'box:1'))[0] as {
    readonly RootFS: { readonly Layers: string[] };
  };
  assert.deepEqual(Layers, RootFS.Layers);
  engine.ok('rmi', 'box:1');
  engine.ok('load', '-i', layout);
  assert.equal(engine.ok('image', 'inspect', '-f', '{{.Id}}', 'box:1'), id);
});

test('what fails leaves nothing, and what was there stays', async () => {
  const { engine } = await filled();
  using _ = engine;
  const file = join(engine.folder, 'kept.tar');
  writeFileSync(file, 'before');
  const before = readdirSync(engine.folder);
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [['-o', file, 'absent'], 1, /No image "absent"/],
    [['-o', join(engine.folder, 'no/such.tar'), 'box:1'], 1, /can't be written/],
    [['-o', `oci:${engine.folder}/new/layout`, 'absent'], 1, /No image "absent"/],
    [['-o', `dir:${engine.folder}/two`, 'box:1', 'busybox'], 1, /takes one image|lost the blob/],
    [['--format=tar', 'box:1'], 125, /takes docker-archive, oci-archive/],
    [['--format=oci-dir', 'box:1'], 1, /is a directory: name it by -o/],
    [[], 125, /Name the images/],
  ];
  for (const [args, code, message] of cases) {
    const outcome = engine.call(['save', ...args]);
    assert.match(outcome.stderr, message);
    assert.deepEqual([outcome.code, outcome.text], [code, '']);
  }
  assert.equal(readFileSync(file, 'utf8'), 'before');
  // The parent of a directory that was made is the user's wish.
  assert.deepEqual(
    readdirSync(engine.folder).filter((name) => name !== 'new'),
    before,
  );
  assert.equal(existsSync(join(engine.folder, 'new/layout')), false);
});

test('a damaged blob leaves the store under no digest', async () => {
  const { engine } = await filled();
  using _ = engine;
  const blobs = join(engine.store, 'blobs/sha256');
  const [largest = ''] = readdirSync(blobs).toSorted(
    (one, other) => readFileSync(join(blobs, other)).length - readFileSync(join(blobs, one)).length,
  );
  const bytes = readFileSync(join(blobs, largest));
  bytes[bytes.length - 9] = (bytes.at(-9) ?? 0) ^ 1;
  execFileSync('chmod', ['600', join(blobs, largest)]);
  writeFileSync(join(blobs, largest), bytes);
  const { code, stderr } = engine.call(['save', '-o', join(engine.folder, 'bad.tar'), 'box:1']);
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`The blob sha256:${largest} of the store is damaged`));
  assert.equal(existsSync(join(engine.folder, 'bad.tar')), false);
});

test('a directory with a link to elsewhere gives nothing of what it leads to', async () => {
  const { engine } = await filled();
  using _ = engine;
  const layout = join(engine.folder, 'layout');
  engine.ok('save', '-o', `oci:${layout}`, 'box:1');
  const secret = join(engine.folder, 'secret');
  writeFileSync(secret, '{"manifests":[]}');
  execFileSync('rm', [join(layout, 'index.json')]);
  symlinkSync(secret, join(layout, 'index.json'));
  const { code, stderr } = engine.call(['load', '-i', layout]);
  assert.equal(code, 1);
  assert.match(stderr, /^corten: The directory .* can't be read: (?:EACCES|ELOOP)[^\n]*\n$/);
});

test('import makes an image of a tar from a file, a pipe and an address', async () => {
  using engine = new Engine();
  makeArchive(engine.folder);
  const tar = execFileSync('tar', ['-C', join(engine.folder, firstBelow(engine.folder)), '-czf', '-', '.'], {
    maxBuffer: 1 << 28,
  });
  const file = join(engine.folder, 'root.tgz');
  writeFileSync(file, tar);
  const changes = ['-c', 'ENV PATH=/bin A="b c"', '-c', 'CMD ["sh", "-c", "echo $A"]', '-c', 'LABEL x=y'];
  const id = engine.ok('import', ...changes, '-m', 'made', file, 'made:1');
  assert.match(id, /^sha256:[0-9a-f]{64}$/);
  assert.equal(engine.ok('run', '--rm', 'made:1'), 'b c');
  assert.match(engine.ok('history', 'made:1'), /ENV PATH=\/bin A="b c".*made/);
  const piped = engine.call(['import', '--platform=linux/arm64', '-', 'piped'], { input: tar });
  assert.equal(piped.code, 0, piped.stderr);
  assert.match(engine.ok('image', 'inspect', 'piped'), /"Architecture": ?"arm64"/);
  const server = createServer((request, response) => {
    if (request.url === '/root.tgz') response.end(tar);
    else response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const fetched = await call(engine, ['import', `${address}/root.tgz`, 'fetched']);
    assert.equal(fetched.code, 0, fetched.stderr);
    assert.equal(engine.ok('run', '--rm', '-e', 'PATH=/bin', 'fetched', 'echo', 'runs'), 'runs');
    assert.match((await call(engine, ['import', `${address}/none`])).stderr, /answered 404 for \/none/);
  } finally {
    server.close();
  }
});

test('import says what is wrong and keeps nothing', () => {
  using engine = new Engine();
  const file = join(engine.folder, 'x.tar');
  writeFileSync(file, 'no tar at all');
  const state = (): readonly string[] =>
    readdirSync(engine.store, { recursive: true }).map(String).toSorted();
  engine.call(['import', file]);
  const before = state();
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [[file], /The layer sha256:.* is refused/],
    [['-c', 'RUN true', file], /begins with none of CMD, ENTRYPOINT/],
    [['-c', 'ENV', file], /begins with none of|nothing behind/],
    [['-c', 'LABEL "x', file], /a quote " that isn't closed/],
    [['--platform', 'windows/amd64', file], /containers here run Linux/],
    [[file, 'UPPER'], /capital letters/],
    [[join(engine.folder, 'absent')], /cannot be read/],
  ];
  for (const [args, message] of cases) {
    const { code, text, stderr } = engine.call(['import', ...args]);
    assert.match(stderr, message);
    assert.deepEqual([code, text], [1, '']);
  }
  assert.deepEqual(state(), before);
});

function firstBelow(folder: string): string {
  const name = readdirSync(folder).find((entry) => entry.startsWith('below-'));
  assert.ok(name !== undefined);
  return name;
}
