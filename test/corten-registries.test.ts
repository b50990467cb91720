// podman's registries.conf and containerd's hosts.toml, against registries on loopback.

import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FakeRegistry } from '../src/node/registry/testing/fake-registry.ts';
import { Engine, type Outcome } from './engine/engine.ts';
import { makeArchive } from './registry/archives.ts';
import { makeCertificates } from './registry/certificates.ts';
import { DebianRegistry } from './registry/debian-registry.ts';
import { call } from './registry/run.ts';

/** Runs one command with this registries.conf alone. */
function withConf(engine: Engine, conf: string, ...args: readonly string[]): Promise<Outcome> {
  const file = join(engine.folder, 'registries.conf');
  writeFileSync(file, conf);
  return call(engine, args, { CONTAINERS_REGISTRIES_CONF: file, HOME: engine.folder });
}

/** Runs one command with hosts.toml files, by host, in a directory of their own. */
function withHosts(
  engine: Engine,
  files: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<Outcome> {
  const folder = join(engine.folder, 'hosts');
  for (const [host, text] of Object.entries(files)) {
    mkdirSync(join(folder, host), { recursive: true });
    writeFileSync(join(folder, host, 'hosts.toml'), text);
  }
  const settings = join(engine.folder, 'corten.toml');
  const conf = join(engine.folder, 'none.conf');
  writeFileSync(conf, '');
  writeFileSync(settings, `[registries]\nconf = "${conf}"\nhosts_dirs = ["${folder}"]\n`);
  return call(engine, args, { CORTEN_CONFIG: settings, HOME: engine.folder });
}

async function filled(engine: Engine, name: string): Promise<DebianRegistry> {
  const registry = await DebianRegistry.start();
  await registry.fill(makeArchive(engine.folder), name);
  return registry;
}

test('a mirror is asked first and the place itself last, and the image keeps the name that it was asked by', async () => {
  using engine = new Engine();
  using registry = await filled(engine, 'team/box:1');
  const conf = (mirror: string): string =>
    `[[registry]]\nprefix = "example.invalid/app"\nlocation = "${registry.host}/team"\n[[registry.mirror]]\nlocation = "${mirror}"\n`;
  using mirror = await FakeRegistry.start();
  const pulled = await withConf(engine, conf(`${mirror.host}/m`), 'pull', '-q', 'example.invalid/app/box:1');
  assert.equal(pulled.text, 'example.invalid/app/box:1\n', pulled.stderr);
  assert.ok(mirror.requests.includes('GET /v2/m/box/manifests/1'), mirror.requests.join());
  engine.ok('rmi', 'example.invalid/app/box:1');
  // A mirror that nobody listens at is no reason to fail either.
  const again = await withConf(engine, conf('127.0.0.1:1/m'), 'pull', '-q', 'example.invalid/app/box:1');
  assert.equal(again.code, 0, again.stderr);
  const other = await withConf(engine, conf('127.0.0.1:1'), 'pull', '-q', 'example.invalid/other/box:1');
  assert.equal(other.code, 1);
  assert.match(other.stderr, /The registry example\.invalid can't be reached/);
});

test('a mirror may be for digests or for tags alone', async () => {
  using engine = new Engine();
  using registry = await filled(engine, 'box:1');
  using mirror = await FakeRegistry.start();
  const { Digest: digest } = await registry.inspect('box:1');
  const asked = async (when: string, name: string): Promise<boolean> => {
    mirror.requests.length = 0;
    const conf = `[[registry]]\nlocation = "${registry.host}"\n[[registry.mirror]]\nlocation = "${mirror.host}"\npull-from-mirror = "${when}"\n`;
    const { code, stderr } = await withConf(engine, conf, 'pull', '-q', `${registry.host}/${name}`);
    assert.equal(code, 0, stderr);
    return mirror.requests.length > 0;
  };
  assert.equal(await asked('digest-only', 'box:1'), false);
  assert.equal(await asked('digest-only', `box@${digest}`), true);
  assert.equal(await asked('tag-only', 'box:1'), true);
  assert.equal(await asked('tag-only', `box@${digest}`), false);
  assert.equal(await asked('all', `box@${digest}`), true);
});

test('a blocked registry is refused before anything is sent, the longest prefix counts, and * means all below', async () => {
  using engine = new Engine();
  using registry = await filled(engine, 'free/box:1');
  const conf = `[[registry]]\nprefix = "${registry.host}"\nblocked = true\n[[registry]]\nprefix = "${registry.host}/free"\n[[registry]]\nprefix = "*.invalid"\nblocked = true\n`;
  const blocked = await withConf(engine, conf, 'pull', '-q', `${registry.host}/box:1`);
  assert.deepEqual([blocked.code, blocked.text], [1, '']);
  assert.match(blocked.stderr, /The registry 127.* is blocked by .*registries\.conf \(prefix 127/);
  assert.equal((await withConf(engine, conf, 'pull', '-q', `${registry.host}/free/box:1`)).code, 0);
  assert.match((await withConf(engine, conf, 'pull', '-q', 'a.b.invalid/x')).stderr, /blocked by/);
  const push = await withConf(engine, conf, 'push', `${registry.host}/free/box:1`, `${registry.host}/other`);
  assert.match(push.stderr, /blocked by/);
});

test('insecure allows a certificate that nobody trusts, and nothing else does', async () => {
  using engine = new Engine();
  const tls = makeCertificates(engine.folder);
  using registry = await DebianRegistry.start({ tls });
  await registry.fill(makeArchive(engine.folder), 'box:1');
  const name = `${registry.host}/box:1`;
  const refused = await withConf(engine, '', 'pull', '-q', name);
  assert.match(refused.stderr, /is not trusted .*certs\.d/);
  const conf = `[[registry]]\nlocation = "${registry.host}"\ninsecure = true\n`;
  assert.equal((await withConf(engine, conf, 'pull', '-q', name)).code, 0);
  // The form of registries.conf's first version.
  const old = `[registries.insecure]\nregistries = ["${registry.host}"]\n`;
  assert.equal((await withConf(engine, old, 'pull', '-q', name)).code, 0);
});

test('a short name is looked for where the configuration says, and runs by what was found', async () => {
  using engine = new Engine();
  using registry = await filled(engine, 'tool:1');
  using empty = await DebianRegistry.start();
  const search = `unqualified-search-registries = ["${empty.host}", "${registry.host}"]\n`;
  const ran = await withConf(engine, search, 'run', '--rm', 'tool:1', 'cat', '/note');
  assert.deepEqual([ran.code, ran.text], [0, 'upper'], ran.stderr);
  assert.match(ran.stderr, /has no tag 1 in tool/);
  assert.match(engine.ok('images'), new RegExp(`^${registry.host}/tool +1 `, 'm'));
  const alias = `[aliases]\n"fine" = "${registry.host}/tool"\n`;
  const pulled = await withConf(engine, alias, 'pull', '-q', 'fine:1');
  assert.equal(pulled.text, `${registry.host}/tool:1\n`, pulled.stderr);
  const nowhere = await withConf(engine, search, 'pull', '-q', 'nothing');
  assert.deepEqual([nowhere.code, nowhere.text], [1, '']);
});

test('hosts.toml: mirrors by capability with headers and the namespace, and the server with its authority', async () => {
  using engine = new Engine();
  const tls = makeCertificates(engine.folder);
  using registry = await DebianRegistry.start({ tls });
  await registry.fill(makeArchive(engine.folder), 'box:1');
  using mirror = await FakeRegistry.start();
  mkdirSync(join(engine.folder, 'hosts/_default'), { recursive: true });
  copyFileSync(tls.authority, join(engine.folder, 'hosts/_default/own.pem'));
  const text = `server = "https://${registry.host}"
ca = "own.pem"
[host."${mirror.url}/v2/cache"]
capabilities = ["pull", "resolve"]
[host."${mirror.url}/v2/cache".header]
x-test = ["one"]
[host."http://127.0.0.1:1"]
capabilities = ["push"]
`;
  const pulled = await withHosts(engine, { _default: text }, 'pull', '-q', 'example.invalid/box:1');
  assert.equal(pulled.text, 'example.invalid/box:1\n', pulled.stderr);
  assert.deepEqual(mirror.requests.slice(0, 1), ['GET /v2/cache/v2/box/manifests/1?ns=example.invalid']);
  assert.equal(mirror.headers[0]?.['x-test'], 'one');
  const pushed = await withHosts(engine, {}, 'push', '-q', 'example.invalid/box:1', 'example.invalid/new:2');
  assert.equal(pushed.code, 0, pushed.stderr);
  // A file for the host itself wins over the one for all.
  const own = `server = "http://127.0.0.1:1"\n[host."https://${registry.host}"]\nskip_verify = true\n`;
  const second = await withHosts(engine, { 'example.invalid': own }, 'pull', '-q', 'example.invalid/new:2');
  assert.equal(second.code, 0, second.stderr);
});

test('what is wrong with these files is told by file and field', async () => {
  using engine = new Engine();
  const cases: readonly (readonly [string, RegExp])[] = [
    [
      '[[registry]]\nblocked = true\n',
      /Field registry\[0\]\.prefix of the file .*registries\.conf is missing/,
    ],
    ['[[registry]]\nprefix = "a*.b"\n', /has a \* elsewhere than/],
    ['[[registry]]\nlocation = "a.b"\ninsecure = "yes"\n', /insecure of the file .* is not true or false/],
    [
      '[[registry]]\nlocation = "a.b"\n[[registry.mirror]]\nlocation = "c"\npull-from-mirror = "x"\n',
      /none of all, digest-only/,
    ],
    ['[[registry]\n', /registries\.conf, line 1, is no TOML/],
  ];
  for (const [text, message] of cases) {
    const { code, stderr } = await withConf(engine, text, 'pull', 'a.b/c');
    assert.match(stderr, message);
    assert.equal(code, 1);
  }
  const hosts: readonly (readonly [string, RegExp])[] = [
    ['[host."ftp://x"]\n', /"ftp:\/\/x", which is no address of a registry/],
    ['[host."https://x"]\ncapabilities = ["fly"]\n', /"fly", which is none of pull, resolve and push/],
    ['[host."https://x"]\nca = "absent.pem"\n', /The certificate .*\/a\.b\/absent\.pem can't be read/],
  ];
  for (const [text, message] of hosts) {
    assert.match((await withHosts(engine, { 'a.b': text }, 'pull', 'a.b/c')).stderr, message);
  }
});
