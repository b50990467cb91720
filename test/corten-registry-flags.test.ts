// podman's flags about registries, and docker's --all-tags.

import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Engine } from './engine/engine.ts';
import { makeArchive } from './registry/archives.ts';
import { makeCertificates } from './registry/certificates.ts';
import { DebianRegistry } from './registry/debian-registry.ts';
import { call } from './registry/run.ts';

const HTPASSWD = 'jane:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n';

test('--tls-verify=false and --cert-dir are about one command', async () => {
  using engine = new Engine();
  const tls = makeCertificates(engine.folder);
  using registry = await DebianRegistry.start({ tls });
  await registry.fill(makeArchive(engine.folder), 'box:1');
  const name = `${registry.host}/box:1`;
  assert.match((await call(engine, ['pull', '-q', name])).stderr, /is not trusted/);
  assert.equal(
    (await call(engine, ['pull', '-q', '--tls-verify=false', `docker://${name}`])).text,
    `${name}\n`,
  );
  const certificates = join(engine.folder, 'certs');
  mkdirSync(certificates);
  copyFileSync(tls.authority, join(certificates, 'own.crt'));
  assert.equal(
    (await call(engine, ['push', '-q', '--cert-dir', certificates, name, `${registry.host}/other:1`])).code,
    0,
  );
  assert.equal(
    (await call(engine, ['registry', 'tags', '--tls-verify=false', `${registry.host}/other`])).text,
    '1\n',
  );
  assert.match(
    (await call(engine, ['registry', 'tags', '--tls-verify=true', `${registry.host}/other`])).stderr,
    /is not trusted/,
  );
});

test('--creds logs in for one command, and --authfile names where logins are', async () => {
  using engine = new Engine();
  const htpasswd = join(engine.folder, 'htpasswd');
  writeFileSync(htpasswd, HTPASSWD);
  using registry = await DebianRegistry.start({ htpasswd });
  await registry.fill(makeArchive(engine.folder), 'box:1');
  const env = { HOME: engine.folder, XDG_RUNTIME_DIR: engine.folder };
  const name = `${registry.host}/box:1`;
  assert.equal((await call(engine, ['pull', '-q', '--creds=jane:secret', name], env)).text, `${name}\n`);
  assert.equal(existsSync(join(engine.folder, '.docker')), false);
  assert.match(
    (await call(engine, ['pull', '-q', '--creds=jane:guess', name], env)).stderr,
    /refuses the credentials of jane/,
  );
  assert.equal((await call(engine, ['pull', '--creds=jane', name], env)).code, 125);
  const file = join(engine.folder, 'own.json');
  const login = ['login', '-u', 'jane', '--password-stdin', '--authfile', file, registry.host];
  assert.match(engine.call(login, { input: 'secret', env }).text, new RegExp(`is kept in ${file}\n$`));
  assert.equal((await call(engine, ['pull', '-q', '--authfile', file, name], env)).code, 0);
  assert.equal((await call(engine, ['pull', '-q', name], env)).code, 1);
  assert.equal(
    engine.call(['logout', '--authfile', file, registry.host], { env }).text,
    `The login to ${registry.host} is forgotten\n`,
  );
});

test('several images, and all tags of a repository, in both directions', async () => {
  using engine = new Engine();
  using registry = await DebianRegistry.start();
  for (const [tag, note] of [
    ['1', 'one'],
    ['2', 'two'],
  ] as const) {
    await registry.fill(makeArchive(engine.folder, ['gzip', 'gzip'], { note }), `box:${tag}`);
  }
  const name = `${registry.host}/box`;
  const both = await call(engine, ['pull', '-q', `${name}:1`, `${name}:2`]);
  assert.equal(both.text, `${name}:1\n${name}:2\n`, both.stderr);
  engine.ok('rmi', `${name}:1`, `${name}:2`);
  const all = await call(engine, ['pull', '-q', '--all-tags', name]);
  assert.deepEqual([all.code, all.text], [0, `${name}:1\n${name}:2\n`], all.stderr);
  const some = await call(engine, ['pull', '-q', `${name}:1`, `${name}:9`]);
  assert.deepEqual([some.code, some.text], [1, `${name}:1\n`]);
  for (const tag of ['1', '2']) engine.ok('tag', `${name}:${tag}`, `${registry.host}/new:${tag}`);
  const pushed = await call(engine, ['push', '-q', '-a', `${registry.host}/new`]);
  assert.equal(pushed.text, `${registry.host}/new:1\n${registry.host}/new:2\n`, pushed.stderr);
  assert.equal((await call(engine, ['registry', 'tags', `${registry.host}/new`])).text, '1\n2\n');
  assert.match(
    (await call(engine, ['push', '-a', `${registry.host}/none`])).stderr,
    /The store has no tag of/,
  );
});
