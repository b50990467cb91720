// policy.json, and signatures as cosign makes them: Debian's skopeo is built without, so openssl is the other hand.

import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Engine, type Outcome } from './engine/engine.ts';
import { makeArchive } from './registry/archives.ts';
import { attach, claimOf, signIn } from './registry/cosign.ts';
import { remoteBox, type RemoteBox } from './registry/remote-box.ts';
import { call, runTool } from './registry/run.ts';

function manifestDigest({ registry }: RemoteBox, tag = '1'): string {
  const bytes = registry.manifests.get(tag)?.bytes;
  assert.ok(bytes);
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Writes a policy, and pulls under it. */
async function pullUnder(engine: Engine, policy: object, name: string): Promise<Outcome> {
  const home = join(engine.folder, 'home');
  mkdirSync(join(home, '.config/containers'), { recursive: true });
  writeFileSync(join(home, '.config/containers/policy.json'), JSON.stringify(policy));
  engine.call(['rmi', '-f', name]);
  return await call(engine, ['pull', '-q', name], { HOME: home });
}

function keyFile(engine: Engine, key: KeyObject, name = 'key.pub'): string {
  const path = join(engine.folder, name);
  writeFileSync(path, key.export({ type: 'spki', format: 'pem' }));
  return path;
}

/** A policy that wants a signature by one key for all of a registry. */
function signedPolicy(
  host: string,
  keyPath: string,
  signedIdentity: object = { type: 'matchRepository' },
): object {
  return {
    default: [{ type: 'reject' }],
    transports: { docker: { [host]: [{ type: 'sigstoreSigned', keyPath, signedIdentity }] } },
  };
}

test('an image with a signature that openssl made by the key comes in', async () => {
  using engine = new Engine();
  using remote = await remoteBox(engine.folder);
  const digest = manifestDigest(remote);
  const [key, own] = ['key.pem', 'key.pub'].map((name) => join(engine.folder, name));
  assert.ok(key !== undefined && own !== undefined);
  await runTool('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', key]);
  await runTool('openssl', ['ec', '-in', key, '-pubout', '-out', own]);
  const claim = join(engine.folder, 'claim');
  writeFileSync(claim, claimOf({ digest, name: `${remote.registry.host}/box` }));
  await runTool('openssl', ['dgst', '-sha256', '-sign', key, '-out', `${claim}.sig`, claim]);
  attach(remote, digest, { payload: readFileSync(claim), signature: readFileSync(`${claim}.sig`) });
  const { code, stderr } = await pullUnder(engine, signedPolicy(remote.registry.host, own), remote.name);
  assert.equal(code, 0, stderr);
});

test('RSA and Ed25519 keys are taken, and one of several is enough', async () => {
  using engine = new Engine();
  using remote = await remoteBox(engine.folder);
  const digest = manifestDigest(remote);
  const other = keyFile(engine, generateKeyPairSync('ed25519').publicKey, 'other.pub');
  for (const [name, { publicKey, privateKey }] of [
    ['rsa', generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['ed25519', generateKeyPairSync('ed25519')],
  ] as const) {
    signIn(remote, privateKey, { digest, name: `${remote.registry.host}/box` });
    const keyPaths = [other, keyFile(engine, publicKey, `${name}.pub`)];
    const requirement = { type: 'sigstoreSigned', keyPaths, signedIdentity: { type: 'matchRepository' } };
    const policy = { default: [requirement] };
    const { code, stderr } = await pullUnder(engine, policy, remote.name);
    assert.equal(code, 0, `${name}: ${stderr}`);
    const data = {
      type: 'sigstoreSigned',
      keyData: readFileSync(keyPaths[1] ?? '').toString('base64'),
      signedIdentity: { type: 'matchRepository' },
    };
    assert.equal((await pullUnder(engine, { default: [data] }, remote.name)).code, 0, name);
  }
});

test('an image without the right signature is refused before any of it is fetched', async () => {
  using engine = new Engine();
  using remote = await remoteBox(engine.folder);
  const { host } = remote.registry;
  const digest = manifestDigest(remote);
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const policy = signedPolicy(host, keyFile(engine, publicKey));
  const name = `${host}/box`;
  const cases: readonly (readonly [string, () => void, RegExp])[] = [
    ['none', () => undefined, /it has no signature$/m],
    [
      'a stranger',
      () => signIn(remote, stranger, { digest, name }),
      /none of the keys has made its signature/,
    ],
    [
      'another image',
      () => signIn(remote, privateKey, { digest: `sha256:${'0'.repeat(64)}`, name, of: digest }),
      /its signature is for sha256:0{64}/,
    ],
    [
      'another name',
      () => signIn(remote, privateKey, { digest, name: `${host}/other` }),
      /is for the name ".*\/other" \(signedIdentity matchRepository\)/,
    ],
    [
      'another kind',
      () => signIn(remote, privateKey, { digest, name, type: 'atomic container signature' }),
      /is of the type "atomic/,
    ],
  ];
  for (const [what, prepare, message] of cases) {
    prepare();
    remote.registry.requests.length = 0;
    const { code, stderr, text } = await pullUnder(engine, policy, remote.name);
    assert.match(stderr, message, what);
    assert.match(stderr, /^corten: The image .*box:1 is refused by .*policy\.json: /, what);
    assert.deepEqual([code, text], [1, ''], what);
    for (const layer of remote.layers)
      assert.ok(!remote.registry.requests.some((request) => request.includes(layer.digest)), what);
  }
});

test("whose name a signature has to be for is the policy's choice", async () => {
  using engine = new Engine();
  using remote = await remoteBox(engine.folder);
  const { host } = remote.registry;
  const digest = manifestDigest(remote);
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = keyFile(engine, publicKey);
  const cases: readonly (readonly [string, object, string, boolean])[] = [
    [`${host}/box`, { type: 'matchExact' }, 'box:1', false],
    [`${host}/box:1`, { type: 'matchExact' }, 'box:1', true],
    [`${host}/box:2`, { type: 'matchExact' }, 'box:1', false],
    [`${host}/box:1`, { type: 'matchRepoDigestOrExact' }, 'box:1', true],
    [`${host}/box:2`, { type: 'matchRepoDigestOrExact' }, `box@${digest}`, true],
    ['example.com/a/b:3', { type: 'exactReference', dockerReference: 'example.com/a/b:3' }, 'box:1', true],
    ['example.com/a/b:4', { type: 'exactReference', dockerReference: 'example.com/a/b:3' }, 'box:1', false],
    ['example.com/a/b', { type: 'exactRepository', dockerRepository: 'example.com/a/b' }, 'box:1', true],
    [
      'example.com/up/box:1',
      { type: 'remapIdentity', prefix: host, signedPrefix: 'example.com/up' },
      'box:1',
      true,
    ],
    [
      'example.com/up/box:2',
      { type: 'remapIdentity', prefix: host, signedPrefix: 'example.com/up' },
      'box:1',
      false,
    ],
  ];
  for (const [signed, identity, wanted, isTaken] of cases) {
    signIn(remote, privateKey, { digest, name: signed });
    const { code, stderr } = await pullUnder(engine, signedPolicy(host, key, identity), `${host}/${wanted}`);
    const what = `${signed} for ${wanted} by ${JSON.stringify(identity)}`;
    assert.equal(code === 0, isTaken, `${what}: ${stderr}`);
  }
});

test('a signature of an index is one of every image that it lists', async () => {
  using engine = new Engine();
  using remote = await remoteBox(engine.folder);
  const { registry } = remote;
  const image = registry.manifests.get('1');
  assert.ok(image);
  const entry = {
    mediaType: image.type,
    digest: manifestDigest(remote),
    size: image.bytes.length,
    platform: { os: 'linux', architecture: 'amd64' },
  };
  const index = registry.addManifest(
    'all',
    'application/vnd.oci.image.index.v1+json',
    Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [entry] })),
  );
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  signIn(remote, privateKey, { digest: index, name: `${registry.host}/box` });
  const policy = signedPolicy(registry.host, keyFile(engine, publicKey));
  const { code, stderr } = await pullUnder(engine, policy, `${registry.host}/box:all`);
  assert.equal(code, 0, stderr);
});

test('reject, scopes, what is not checked, and mistakes in a policy', async () => {
  using engine = new Engine();
  using remote = await remoteBox(engine.folder);
  const { host } = remote.registry;
  const accept = [{ type: 'insecureAcceptAnything' }];
  const reject = [{ type: 'reject' }];
  const cases: readonly (readonly [object, RegExp | undefined])[] = [
    [{ default: accept }, undefined],
    [{ default: reject }, /The image 127.*box:1 is refused by .*policy\.json\n/],
    [{ default: reject, transports: { docker: { [`${host}/box`]: accept } } }, undefined],
    [
      { default: accept, transports: { docker: { [`${host}/box:1`]: reject, [host]: accept } } },
      /is refused by/,
    ],
    [{ default: accept, transports: { docker: { '': reject } } }, /is refused by/],
    [{ default: reject, transports: { docker: { '': accept } } }, undefined],
    [
      { default: [{ type: 'signedBy', keyType: 'GPGKeys', keyPath: '/x' }] },
      /needs a signature by GPG \(signedBy\) by .*, which this version can't check/,
    ],
    [{ default: [{ type: 'sigstoreSigned', fulcio: {} }] }, /needs fulcio of sigstoreSigned/],
    [{ default: [] }, /Field default of the file .* has no requirement/],
    [{}, /Field default of the file .* is missing/],
    [{ default: [{ type: 'acceptAll' }] }, /is "acceptAll", which is none of/],
    [{ default: [{ type: 'reject', really: true }] }, /really of the file .* is not known/],
    [
      { default: [{ type: 'sigstoreSigned', keyPath: '/absent.pub' }] },
      /The certificate \/absent\.pub can't be read/,
    ],
    [
      { default: [{ type: 'sigstoreSigned', keyData: 'AAAA' }] },
      /is no public key in PEM|is no base64|it has no signature/,
    ],
  ];
  for (const [policy, message] of cases) {
    const { code, stderr } = await pullUnder(engine, policy, remote.name);
    if (message !== undefined) assert.match(stderr, message, JSON.stringify(policy));
    assert.equal(code, message === undefined ? 0 : 1, `${JSON.stringify(policy)}: ${stderr}`);
  }
});

test('archives and directories come in only as the policy lets their form in', () => {
  using engine = new Engine();
  const layout = makeArchive(engine.folder);
  const policy = join(engine.folder, 'policy.json');
  const settings = join(engine.folder, 'corten.toml');
  writeFileSync(settings, `[signatures]\npolicy = "${policy}"\n`);
  const load = (transports: object): Outcome => {
    writeFileSync(policy, JSON.stringify({ default: [{ type: 'reject' }], transports }));
    return engine.call(['load', '-i', layout], { env: { CORTEN_CONFIG: settings } });
  };
  const refused = load({});
  assert.deepEqual([refused.code, refused.text], [1, '']);
  assert.match(refused.stderr, /Images of the form oci are refused by policy\.json/);
  assert.equal(load({ oci: { '': [{ type: 'insecureAcceptAnything' }] } }).code, 0);
  const imported = engine.call(['import', '-'], { env: { CORTEN_CONFIG: settings }, input: 'x' });
  assert.match(imported.stderr, /refused by policy\.json \(transport tarball\)/);
  assert.match(
    engine.call(['config'], { env: { CORTEN_CONFIG: settings } }).text,
    new RegExp(`files that are read: .*${policy}`),
  );
});
