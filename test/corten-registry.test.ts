// What a registry is asked besides images: search, tags, deletion, referrers, lists for several platforms.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FakeRegistry } from '../src/node/registry/testing/fake-registry.ts';
import { Engine, type Outcome } from './engine/engine.ts';
import { makeArchive } from './registry/archives.ts';
import { DebianRegistry } from './registry/debian-registry.ts';
import { call, runTool } from './registry/run.ts';

const HTPASSWD = 'jane:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n';

test('search goes through the catalogue of a registry that has no search, page by page', async () => {
  using engine = new Engine();
  using registry = await DebianRegistry.start();
  const layout = makeArchive(engine.folder);
  for (const name of ['team/box:1', 'team/other:1', 'toolbox:1', 'toolbox:2'])
    await registry.fill(layout, name);
  const { text } = await call(engine, ['search', `${registry.host}/box`]);
  assert.match(
    text,
    new RegExp(
      `^NAME +DESCRIPTION +STARS +OFFICIAL\n${registry.host}/team/box .*\n${registry.host}/toolbox .*\n$`,
    ),
  );
  const limited = await call(engine, ['search', '--limit=1', '--format=json', `${registry.host}/box`]);
  assert.deepEqual(JSON.parse(limited.text), {
    Name: `${registry.host}/team/box`,
    Description: '',
    Stars: '0',
    Official: '',
  });
  const tags = await call(engine, ['search', '--list-tags', `${registry.host}/toolbox`]);
  assert.match(
    tags.text,
    new RegExp(`^NAME +TAG\n${registry.host}/toolbox +1\n${registry.host}/toolbox +2\n$`),
  );
  assert.equal((await call(engine, ['registry', 'tags', `${registry.host}/toolbox`])).text, '1\n2\n');
  const absent = await call(engine, ['registry', 'tags', `${registry.host}/absent`]);
  assert.deepEqual([absent.code, absent.text], [1, '']);
  assert.match(absent.stderr, /has no such thing in absent \(NAME_UNKNOWN/);
});

test("search speaks Docker's first API where there is one, and what strangers wrote stays on its line", async () => {
  using engine = new Engine();
  using registry = await FakeRegistry.start();
  const results = [
    { name: 'library/box', description: 'a\u001b[31m box\nof red', star_count: 7, is_official: true },
    { name: 'team/box', description: 'x'.repeat(80), star_count: 2, is_official: false },
  ];
  registry.reply(/^\/v1\/search\?q=box&n=25$/, [200, {}, JSON.stringify({ results })]);
  const { text } = await call(engine, ['search', `${registry.host}/box`]);
  const lines = text.trimEnd().split('\n');
  assert.equal(lines.length, 3);
  assert.match(lines[1] ?? '', / a \[31m box of red +7 +\[OK\]$/);
  assert.match(lines[2] ?? '', / x{44}… +2 *$/);
  const filtered = await call(engine, ['search', '-f', 'stars=3', '--format=json', `${registry.host}/box`]);
  assert.equal(filtered.text.trimEnd().split('\n').length, 1);
  assert.match((await call(engine, ['search', '-f', 'age=3', 'box'])).stderr, /takes stars=N/);
});

test('a login is used for catalogues and tags, and what is refused says who', async () => {
  using engine = new Engine();
  const htpasswd = join(engine.folder, 'htpasswd');
  writeFileSync(htpasswd, HTPASSWD);
  using registry = await DebianRegistry.start({ htpasswd });
  await registry.fill(makeArchive(engine.folder), 'box:1');
  const env = { HOME: engine.folder, XDG_RUNTIME_DIR: engine.folder };
  const refused = await call(engine, ['search', `${registry.host}/box`], env);
  assert.match(refused.stderr, /wants a login/);
  assert.equal(refused.code, 1);
  engine.call(['login', '-u', 'jane', '--password-stdin', registry.host], { input: 'secret', env });
  assert.match((await call(engine, ['search', `${registry.host}/box`], env)).text, /\/box /);
  assert.equal((await call(engine, ['registry', 'tags', `${registry.host}/box`], env)).text, '1\n');
});

test('registry rm: a tag alone where the registry can, a manifest when it is meant, nothing by accident', async () => {
  using engine = new Engine();
  using registry = await DebianRegistry.start();
  const layout = makeArchive(engine.folder);
  for (const tag of ['1', '2']) await registry.fill(layout, `box:${tag}`);
  const name = `${registry.host}/box`;
  const { Digest: digest } = await registry.inspect('box:1');
  const bare = await call(engine, ['registry', 'rm', name]);
  assert.match(bare.stderr, /says neither a tag nor a digest/);
  const alone = await call(engine, ['registry', 'rm', `${name}:1`]);
  assert.equal(alone.code, 1);
  assert.match(alone.stderr, new RegExp(`can't take the tag 1 away alone: --manifest deletes ${digest}`));
  assert.equal((await registry.inspect('box:1')).Digest, digest);
  assert.match(
    (await call(engine, ['registry', 'rm', `${name}:3`])).stderr,
    /has no tag 3 in box; these exist: 1, 2/,
  );
  assert.equal(
    (await call(engine, ['registry', 'rm', '--manifest', `${name}:1`])).text,
    `Deleted: ${name}:1\n`,
  );
  await assert.rejects(registry.inspect('box:2'));
  using newer = await FakeRegistry.start();
  newer.addManifest('1', 'application/vnd.oci.image.manifest.v1+json', Buffer.from('{}'));
  newer.onFirst(/^\/v2\/box\/manifests\/1$/, 'DELETE', (_request, response) => response.writeHead(202).end());
  assert.equal((await call(engine, ['registry', 'rm', `${newer.host}/box:1`])).code, 0);
  assert.equal(newer.requests.at(-1), 'DELETE /v2/box/manifests/1');
});

test('referrers come from the list of the registry, or from the tag that stands for one', async () => {
  using engine = new Engine();
  using registry = await FakeRegistry.start();
  const subject = registry.addManifest('1', 'application/vnd.oci.image.manifest.v1+json', Buffer.from('{}'));
  const one = {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: `sha256:${'a'.repeat(64)}`,
    size: 700,
    artifactType: 'application/x.signature',
  };
  const index = {
    schemaVersion: 2,
    manifests: [one, { ...one, digest: `sha256:${'b'.repeat(64)}`, artifactType: 'x/y' }],
  };
  const ask = (...flags: readonly string[]): Promise<Outcome> =>
    call(engine, ['registry', 'referrers', ...flags, `${registry.host}/box:1`]);
  assert.match((await ask()).text, /^DIGEST +ARTIFACT TYPE +SIZE\n$/);
  registry.addManifest(
    subject.replace(':', '-'),
    'application/vnd.oci.image.index.v1+json',
    Buffer.from(JSON.stringify(index)),
  );
  assert.match((await ask()).text, /^DIGEST.*\nsha256:a{64} +application\/x\.signature +700B\nsha256:b{64} /);
  registry.reply(new RegExp(`/v2/box/referrers/${subject}$`), [
    200,
    {},
    JSON.stringify({ ...index, manifests: [one] }),
  ]);
  const { text } = await ask('--format=json', '--type=application/x.signature');
  assert.equal((JSON.parse(text) as { readonly Digest: string }).Digest, one.digest);
  assert.equal((await ask('--format=json', '--type=none')).text, '');
});

test('a list of images from the store and from registries is pushed whole, and each platform pulls its own', async () => {
  using engine = new Engine();
  using registry = await DebianRegistry.start();
  using other = await DebianRegistry.start();
  const arm = makeArchive(engine.folder, ['gzip', 'gzip'], { architecture: 'arm64', note: 'arm' });
  const s390 = makeArchive(engine.folder, ['gzip', 'zstd'], { architecture: 's390x', note: 'big' });
  await other.fill(arm, 'far/arm:1');
  await registry.fill(s390, 'near/big:1');
  const id = engine.ok('load', '-i', makeArchive(engine.folder)).replace(/^.*ID: /, '');
  const list = `${registry.host}/all:1`;
  const created = await call(engine, ['manifest', 'create', list, id, `${other.host}/far/arm:1`]);
  assert.equal(created.text, `${list}\n`, created.stderr);
  const big = await call(engine, [
    'manifest',
    'add',
    '--annotation',
    'a.b=c d',
    list,
    `docker://${registry.host}/near/big:1`,
  ]);
  assert.equal(big.code, 0, big.stderr);
  engine.ok('manifest', 'annotate', '--variant', 'v8', list, `${other.host}/far/arm`);
  const shown = JSON.parse(engine.ok('manifest', 'inspect', list)) as {
    readonly manifests: readonly { readonly platform: object; readonly annotations?: object }[];
  };
  assert.deepEqual(
    shown.manifests.map(({ platform }) => platform),
    [
      { architecture: 'amd64', os: 'linux' },
      { architecture: 'arm64', os: 'linux', variant: 'v8' },
      { architecture: 's390x', os: 'linux' },
    ],
  );
  assert.deepEqual(shown.manifests[2]?.annotations, { 'a.b': 'c d' });
  const pushed = await call(engine, ['manifest', 'push', '-p', list]);
  assert.equal(pushed.code, 0, pushed.stderr);
  const raw = await runTool('skopeo', ['inspect', '--raw', '--tls-verify=false', `docker://${list}`]);
  assert.equal(JSON.parse(raw).manifests.length, 3);
  for (const [platform, note] of [
    ['linux/amd64', 'upper'],
    ['linux/arm64', 'arm'],
    ['linux/s390x', 'big'],
  ] as const) {
    const image = (await call(engine, ['pull', '-q', `--platform=${platform}`, list])).text.trim();
    assert.equal(engine.ok('run', '--rm', '--platform', platform, image, 'cat', '/note'), note);
  }
  assert.equal(engine.call(['manifest', 'exists', list]).code, 1);
  assert.match(
    (await call(engine, ['manifest', 'inspect', '-v', list])).text,
    new RegExp(`"digest": "${pushed.text.trim()}"`),
  );
});

test('lists are told apart, and what is wrong with them is told', async () => {
  using engine = new Engine();
  using registry = await DebianRegistry.start();
  await registry.fill(makeArchive(engine.folder), 'box:1');
  engine.ok('manifest', 'create', 'mine');
  assert.match(engine.call(['manifest', 'create', 'mine']).stderr, /is there already: --amend/);
  engine.ok('manifest', 'create', '--amend', 'mine', 'busybox');
  assert.match(
    engine.call(['manifest', 'remove', 'mine', `sha256:${'0'.repeat(64)}`]).stderr,
    /has no image sha256/,
  );
  const [digest = ''] = /sha256:\w{64}/.exec(engine.ok('manifest', 'inspect', 'mine')) ?? [];
  engine.ok('manifest', 'remove', 'mine', digest);
  assert.match(engine.ok('manifest', 'inspect', 'mine'), /"manifests": \[\]/);
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['add', 'absent', 'busybox'], /No list docker\.io\/library\/absent:latest/],
    [['add', '--annotation', 'x', 'mine', 'busybox'], /is not of the form KEY=VALUE/],
    [['create', `x@sha256:${'0'.repeat(64)}`], /A list has a tag, not a digest/],
    [['push', 'absent'], /No list absent/],
    [['rm', 'absent'], /No list docker\.io\/library\/absent:latest/],
    [['add', 'mine', `${registry.host}/box:9`], /has no tag 9 in box; these exist: 1/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await call(engine, ['manifest', ...args]);
    assert.match(stderr, message);
    assert.equal(code, 1);
  }
  engine.ok('manifest', 'rm', 'mine');
});
