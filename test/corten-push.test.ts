import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Engine, outcomeOf } from './engine/engine.ts';
import { makeArchive } from './registry/archives.ts';
import { CuttingProxy } from './registry/cutting-proxy.ts';
import { DebianRegistry } from './registry/debian-registry.ts';
import { remoteBox } from './registry/remote-box.ts';
import { call, runTool } from './registry/run.ts';

test('push brings an image byte for byte, blobs that are there not again, and mounts those of other repositories', async () => {
  using engine = new Engine();
  using registry = await DebianRegistry.start();
  await registry.fill(makeArchive(engine.folder, ['gzip', 'zstd']), 'from/box:1');
  const { Digest: digest } = await registry.inspect('from/box:1');
  const source = `${registry.host}/from/box:1`;
  engine.ok('pull', '-q', source);
  const again = engine.call(['push', source]);
  assert.match(
    again.stderr,
    /^The push refers to repository .*\/from\/box\n(?:\w{12}: Preparing\n){3}(?:\w{12}: Layer already exists\n){3}$/,
  );
  assert.match(again.text, new RegExp(`^1: digest: ${digest} size: \\d+\n$`));
  const other = `${registry.host}/to/box`;
  engine.ok('tag', source, other);
  const mounted = engine.call(['push', other]);
  assert.match(mounted.stderr, /(?:\w{12}: Mounted from another repository\n){3}$/);
  assert.equal((await registry.inspect('to/box:latest')).Digest, digest);
  using second = await DebianRegistry.start();
  const pushed = engine.call(['push', source, `${second.host}/a/b/c:2`]);
  assert.match(pushed.stderr, /(?:\w{12}: Pushed\n){3}$/);
  assert.equal((await second.inspect('a/b/c:2')).Digest, digest);
  assert.equal(engine.ok('push', '-q', source, `${second.host}/q`), `${second.host}/q:latest`);
});

test('what was loaded from an archive is pushed too, and others unpack it from the registry', async () => {
  using engine = new Engine();
  using registry = await DebianRegistry.start();
  const archive = join(engine.folder, 'docker.tar');
  await runTool('skopeo', ['copy', '-q', makeArchive(engine.folder), `docker-archive:${archive}:loaded:1`]);
  engine.ok('load', '-i', archive);
  const name = `${registry.host}/loaded:1`;
  engine.ok('tag', 'loaded:1', name);
  assert.match(engine.ok('push', name), /^1: digest: sha256:/);
  const copy = join(engine.folder, 'copy');
  mkdirSync(copy);
  await runTool('skopeo', ['copy', '-q', '--src-tls-verify=false', `docker://${name}`, `oci:${copy}:x`]);
  await runTool('umoci', ['unpack', '--image', `${copy}:x`, join(engine.folder, 'bundle')]);
});

test('a big blob goes in chunks, and comes in spite of cuts', async () => {
  using engine = new Engine();
  using registry = await DebianRegistry.start();
  const noise = randomBytes(40 << 20).toString('latin1');
  const archive = makeArchive(engine.folder, ['plain', 'plain'], { note: noise });
  await registry.fill(archive, 'big:1');
  engine.ok('pull', '-q', `${registry.host}/big:1`);
  using target = await DebianRegistry.start();
  using proxy = await CuttingProxy.start(target.host, [30 << 20, 5 << 20]);
  const pushed = await call(engine, ['push', `${registry.host}/big:1`, `${proxy.host}/big:1`]);
  assert.equal(pushed.code, 0, pushed.stderr);
  assert.equal(proxy.cuts, 2);
  assert.equal((await target.inspect('big:1')).Digest, (await registry.inspect('big:1')).Digest);
});

test('a push that ctrl-C ends is over at once and leaves nothing, here or for the next', async () => {
  using engine = new Engine();
  using remote = await remoteBox(engine.folder);
  assert.equal((await call(engine, ['pull', '-q', remote.name])).code, 0);
  const before = readdirSync(join(engine.store, 'tmp'));
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  // It takes an upload and never says a word about it.
  remote.registry.on(/\/v2\/slow\/blobs\//, (request, response) => {
    if (request.method === 'HEAD') response.writeHead(404).end();
    else begin();
  });
  const child = engine.start(['push', remote.name, `${remote.registry.host}/slow:1`]);
  await begun;
  child.kill('SIGINT');
  const { signal, text } = await outcomeOf(child);
  assert.deepEqual([signal, text], ['SIGINT', '']);
  assert.deepEqual(readdirSync(join(engine.store, 'tmp')), before);
  using target = await DebianRegistry.start();
  engine.ok('push', '-q', remote.name, `${target.host}/quick:1`);
});

test('push says what is wrong', async () => {
  using engine = new Engine();
  using registry = await DebianRegistry.start();
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['absent'], /No image "absent" in the store/],
    [['busybox', `${registry.host}/x@sha256:${'0'.repeat(64)}`], /is pushed to a tag, not to a digest/],
    // The tests' own maker of images leaves its layers' blobs out.
    [['busybox', `${registry.host}/UPPER`], /has capital letters/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr, text } = engine.call(['push', ...args]);
    assert.deepEqual([code, text], [1, ''], args.join(' '));
    assert.match(stderr, message);
  }
  assert.equal(engine.call(['push']).code, 125);
});

test('tag, history and image prune', () => {
  using engine = new Engine();
  engine.ok('tag', 'busybox', 'other:2');
  assert.equal(
    engine.ok('image', 'inspect', '-f', '{{.Id}}', 'other:2'),
    engine.ok('inspect', '-f', '{{.Id}}', 'busybox:latest'),
  );
  assert.equal(engine.call(['tag', 'busybox', `x@sha256:${'0'.repeat(64)}`]).code, 1);
  assert.equal(engine.call(['tag', 'busybox']).code, 125);
  assert.match(
    engine.ok('history', 'busybox'),
    /^IMAGE +CREATED +CREATED BY +SIZE +COMMENT\n[0-9a-f]{12} +N\/A +\S+[kM]B *$/,
  );
  assert.match(
    engine.ok('image', 'history', '--format=json', 'busybox'),
    /^\{.*"CreatedAt":"",.*"ID":"[0-9a-f]{12}"/,
  );
  assert.equal(engine.ok('image', 'prune', '-f'), 'Total reclaimed space: 0B');
  assert.equal(engine.call(['image', 'prune'], { input: 'n\n' }).text, '');
  engine.ok('run', '-d', '--name', 'user', 'busybox', 'true');
  assert.equal(engine.ok('image', 'prune', '-af'), 'Total reclaimed space: 0B');
  engine.ok('wait', 'user');
  engine.ok('rm', 'user');
  const { text } = engine.call(['image', 'prune', '--all'], { input: 'y\n' });
  assert.match(
    text,
    /^Untagged: busybox:latest\nUntagged: other:2\nDeleted: sha256:.*\nTotal reclaimed space: [\d.]+[kM]B\n$/,
  );
});

test('login keeps what the registry accepts, for podman and Docker to read; logout forgets it', async () => {
  using engine = new Engine();
  const htpasswd = join(engine.folder, 'htpasswd');
  writeFileSync(htpasswd, 'jane:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n');
  using registry = await DebianRegistry.start({ htpasswd });
  await registry.fill(makeArchive(engine.folder), 'box:latest');
  const env = { HOME: engine.folder, XDG_RUNTIME_DIR: engine.folder };
  const login = (password: string) =>
    engine.call(['login', '-u', 'jane', '--password-stdin', registry.host], { input: `${password}\n`, env });
  const wrong = login('guess');
  assert.deepEqual([wrong.code, wrong.text], [1, '']);
  assert.match(wrong.stderr, /refuses the credentials of jane/);
  const file = join(engine.folder, '.docker/config.json');
  const right = login('secret');
  assert.equal(right.text, `Login to ${registry.host} succeeded, and is kept in ${file}\n`, right.stderr);
  assert.equal(engine.call(['login', '--get-login', registry.host], { env }).text, 'jane\n');
  assert.equal(engine.call(['pull', '-q', `${registry.host}/box`], { env }).code, 0);
  const podman = await runTool('skopeo', ['login', '--get-login', '--authfile', file, registry.host]);
  assert.equal(podman, 'jane\n');
  const logout = engine.call(['logout', registry.host], { env });
  assert.equal(logout.text, `The login to ${registry.host} is forgotten\n`);
  assert.equal(engine.call(['logout', registry.host], { env }).text, `Not logged in to ${registry.host}\n`);
  assert.equal(engine.call(['pull', '-q', `${registry.host}/box`], { env }).code, 1);
  assert.match(engine.call(['login', registry.host], { env }).stderr, /There is no terminal to ask on/);
  assert.equal(engine.call(['login', 'no/registry'], { env }).code, 125);
});
