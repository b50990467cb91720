import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Engine, type Outcome } from './engine/engine.ts';
import { makeArchive } from './registry/archives.ts';
import { makeCertificates } from './registry/certificates.ts';
import { DebianRegistry } from './registry/debian-registry.ts';
import { call } from './registry/run.ts';
import { TokenServer } from './registry/token-server.ts';

/** jane and the bcrypt sum of "secret". */
const HTPASSWD = 'jane:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n';
const JANE = Buffer.from('jane:secret').toString('base64');

/** A home directory with Docker's configuration. */
function homeOf(engine: Engine, config: object | undefined, name = 'home'): string {
  const home = join(engine.folder, name);
  mkdirSync(join(home, '.docker'), { recursive: true });
  if (config !== undefined) writeFileSync(join(home, '.docker/config.json'), JSON.stringify(config));
  return home;
}

function pull(engine: Engine, name: string, env: Readonly<Record<string, string>>): Promise<Outcome> {
  return call(engine, ['pull', '-q', name], { XDG_RUNTIME_DIR: engine.folder, ...env });
}

async function startBasic(engine: Engine): Promise<DebianRegistry> {
  const htpasswd = join(engine.folder, 'htpasswd');
  writeFileSync(htpasswd, HTPASSWD);
  const registry = await DebianRegistry.start({ htpasswd });
  await registry.fill(makeArchive(engine.folder), 'box:latest');
  return registry;
}

test("basic credentials come from Docker's configuration, podman's, or a file that is named", async () => {
  using engine = new Engine();
  using registry = await startBasic(engine);
  const auths = { auths: { [registry.host]: { auth: JANE } } };
  const podman = homeOf(engine, undefined, 'podman');
  mkdirSync(join(podman, '.config/containers'), { recursive: true });
  writeFileSync(join(podman, '.config/containers/auth.json'), JSON.stringify(auths));
  const named = join(engine.folder, 'named.json');
  writeFileSync(named, JSON.stringify(auths));
  const environments = [
    { HOME: homeOf(engine, auths) },
    { HOME: podman },
    { HOME: '/nonexistent', REGISTRY_AUTH_FILE: named },
    { DOCKER_CONFIG: join(engine.folder, 'home/.docker') },
  ];
  for (const env of environments) {
    const { code, stderr } = await pull(engine, `${registry.host}/box`, env);
    assert.equal(code, 0, `${JSON.stringify(env)}: ${stderr}`);
    engine.ok('rmi', `${registry.host}/box`);
  }
});

test('without credentials, and with wrong ones, the error says who was refused and what to do', async () => {
  using engine = new Engine();
  using registry = await startBasic(engine);
  const nobody = await pull(engine, `${registry.host}/box`, { HOME: homeOf(engine, undefined, 'nobody') });
  assert.equal(
    nobody.stderr,
    `corten: The registry ${registry.host} wants a login (it answered 401): corten login ${registry.host} gives it others\n`,
  );
  const auth = Buffer.from('jane:guess').toString('base64');
  const wrong = await pull(engine, `${registry.host}/box`, {
    HOME: homeOf(engine, { auths: { [registry.host]: { auth } } }),
  });
  assert.match(wrong.stderr, /refuses the credentials of jane \(it answered 401\): corten login /);
  assert.ok(!wrong.stderr.includes('guess') && !wrong.stderr.includes(auth));
  assert.deepEqual([nobody.code, wrong.code], [1, 1]);
});

test('credential helpers are asked, and one that fails or is missing is named', async () => {
  using engine = new Engine();
  using registry = await startBasic(engine);
  const bin = join(engine.folder, 'bin');
  mkdirSync(bin);
  const script = (name: string, text: string): void => {
    writeFileSync(join(bin, `docker-credential-${name}`), `#!/bin/sh\n${text}\n`);
    chmodSync(join(bin, `docker-credential-${name}`), 0o755);
  };
  script(
    'good',
    `read server; test "$1 $server" = "get ${registry.host}" && echo '{"Username":"jane","Secret":"secret"}'`,
  );
  script('empty', 'echo credentials not found in native keychain; exit 1');
  script('broken', 'echo the keychain is locked; exit 3');
  const at = (config: object): Promise<Outcome> =>
    pull(engine, `${registry.host}/box`, { HOME: homeOf(engine, config), PATH: `${bin}:/usr/bin:/bin` });
  const good = await at({ credHelpers: { [registry.host]: 'good' }, credsStore: 'broken' });
  assert.equal(good.code, 0, good.stderr);
  assert.equal((await at({ credsStore: 'empty', auths: { [registry.host]: { auth: JANE } } })).code, 0);
  assert.match(
    (await at({ credsStore: 'broken' })).stderr,
    /docker-credential-broken failed with code 3 \(the keychain is locked\)/,
  );
  assert.match((await at({ credsStore: 'absent' })).stderr, /docker-credential-absent is not in PATH/);
  assert.match((await at({ credsStore: '../x' })).stderr, /config\.json names a credential helper/);
});

test('tokens are had for passwords, for refresh tokens, and by nobody for what is open', async () => {
  using engine = new Engine();
  const certificates = makeCertificates(engine.folder);
  using tokens = await TokenServer.start(certificates);
  using registry = await DebianRegistry.start({
    token: { realm: tokens.realm, certificate: certificates.certificate },
  });
  const archive = makeArchive(engine.folder);
  for (const name of ['open/box:1', 'team/box:1'])
    await registry.fill(archive, name, '--dest-creds=jane:secret');
  tokens.requests.length = 0;
  const nobody = { HOME: homeOf(engine, undefined, 'nobody') };
  assert.equal((await pull(engine, `${registry.host}/open/box:1`, nobody)).code, 0);
  assert.deepEqual(tokens.requests, ['GET nobody repository:open/box:pull']);
  assert.match((await pull(engine, `${registry.host}/team/box:1`, nobody)).stderr, /wants a login/);
  tokens.requests.length = 0;
  const jane = { HOME: homeOf(engine, { auths: { [registry.host]: { auth: JANE } } }) };
  assert.equal((await pull(engine, `${registry.host}/team/box:1`, jane)).code, 0);
  assert.deepEqual(tokens.requests, ['GET jane repository:team/box:pull']);
  const refresh = (identitytoken: string) => ({
    HOME: homeOf(engine, { auths: { [`${registry.host}/team`]: { identitytoken } } }),
  });
  assert.equal((await pull(engine, `${registry.host}/team/box:1`, refresh('refresh-jane'))).code, 0);
  assert.equal(tokens.requests.at(-1), 'POST jane repository:team/box:pull');
  const wrong = await pull(engine, `${registry.host}/team/box:1`, refresh('stolen'));
  assert.match(wrong.stderr, /refuses the credentials \(the token server .* answered 401\)/);
});

test('a blob of another repository is mounted by a token for both', async () => {
  using engine = new Engine();
  const certificates = makeCertificates(engine.folder);
  using tokens = await TokenServer.start(certificates);
  using registry = await DebianRegistry.start({
    token: { realm: tokens.realm, certificate: certificates.certificate },
  });
  await registry.fill(makeArchive(engine.folder), 'team/box:1', '--dest-creds=jane:secret');
  const jane = { HOME: homeOf(engine, { auths: { [registry.host]: { auth: JANE } } }) };
  const [from, to] = ['team/box:1', 'team/other:1'].map((name) => `${registry.host}/${name}`);
  assert.ok(from !== undefined && to !== undefined);
  assert.equal((await pull(engine, from, jane)).code, 0);
  tokens.requests.length = 0;
  const { code, stderr } = await call(engine, ['push', from, to], jane);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /(?:\w{12}: Mounted from another repository\n){3}$/);
  const both = 'GET jane repository:team/other:pull,push repository:team/box:pull';
  assert.ok(tokens.requests.includes(both), tokens.requests.join('\n'));
});

test('TLS needs an authority that is known, from certs.d or SSL_CERT_FILE', async () => {
  using engine = new Engine();
  const certificates = makeCertificates(engine.folder);
  using registry = await DebianRegistry.start({ tls: certificates });
  await registry.fill(makeArchive(engine.folder), 'box:latest');
  const home = homeOf(engine, undefined);
  const unknown = await pull(engine, `${registry.host}/box`, { HOME: home });
  assert.equal(unknown.code, 1);
  assert.match(
    unknown.stderr,
    new RegExp(
      `^corten: The certificate of ${registry.host} is not trusted \\(.*\\): add its authority as /etc/containers/certs\\.d/${registry.host}/ca\\.crt\n$`,
    ),
  );
  const bundle = await pull(engine, `${registry.host}/box`, {
    HOME: home,
    SSL_CERT_FILE: certificates.authority,
  });
  assert.equal(bundle.code, 0, bundle.stderr);
  const folder = join(home, '.config/containers/certs.d', registry.host);
  mkdirSync(folder, { recursive: true });
  copyFileSync(certificates.authority, join(folder, 'ca.crt'));
  assert.equal((await pull(engine, `${registry.host}/box`, { HOME: home })).code, 0);
  // The certificate is for 127.0.0.1 and localhost alone.
  const other = registry.host.replace('127.0.0.1', '127.0.0.2');
  mkdirSync(join(home, '.config/containers/certs.d', other));
  copyFileSync(certificates.authority, join(home, '.config/containers/certs.d', other, 'ca.crt'));
  copyFileSync(certificates.clientCertificate, join(folder, 'me.cert'));
  assert.match(
    (await pull(engine, `${registry.host}/box`, { HOME: home })).stderr,
    /me\.cert has no key: it belongs in .*me\.key/,
  );
  copyFileSync(certificates.clientKey, join(folder, 'me.key'));
  assert.equal((await pull(engine, `${registry.host}/box`, { HOME: home })).code, 0);
});
