import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  chmodSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CORTEN } from './engine/engine.ts';

const NODE = realpathSync(fileURLToPath(new URL('../bin/node', import.meta.url)));
const LEAVE = fileURLToPath(new URL('./engine/leave.mjs', import.meta.url));

/** What Node itself is told, and the open file that events go to. */
const FOR_NODE = { OPENSSL_CONF: '/dev/null', MALLOC_ARENA_MAX: '1', CORTEN_EVENTS: '4' };

/** An installation whose Node program tries to leave, instead of loading anything. */
class Installation {
  readonly folder = mkdtempSync(join(tmpdir(), 'corten-confined-'));
  readonly store = join(this.folder, 'store');
  readonly corten = join(this.folder, 'bin/corten');

  constructor(hasNode = true) {
    mkdirSync(join(this.folder, 'bin'));
    mkdirSync(join(this.folder, 'build/node'), { recursive: true });
    cpSync(CORTEN, this.corten);
    copyFileSync(LEAVE, join(this.folder, 'build/node/corten-node.js'));
    // What tells Node that the file is a module, two folders up as in a checkout.
    copyFileSync(
      fileURLToPath(new URL('../package.json', import.meta.url)),
      join(this.folder, 'package.json'),
    );
    if (hasNode) symlinkSync(NODE, join(this.folder, 'bin/node'));
  }

  load(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    return this.call(['load', ...args], env);
  }

  call(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const all = {
      PATH: '/usr/bin:/bin',
      CORTEN_ROOT: this.store,
      CORTEN_RUN: join(this.folder, 'run'),
      ...env,
    };
    return spawnSync(this.corten, args, { input: 'an archive', env: all, encoding: 'utf8' });
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}

test('the Node program has the images of the store and nothing else', () => {
  using installation = new Installation();
  mkdirSync(join(installation.store, 'containers/secret'), { recursive: true });
  const env = {
    NODE_OPTIONS: '--no-such-option',
    NODE_PATH: '/tmp',
    LD_PRELOAD: '/no/such.so',
    SECRET: 'told',
  };
  const { status, stdout, stderr } = installation.load(['-q'], env);
  assert.equal(status, 5, stderr);
  assert.deepEqual(JSON.parse(stdout), {
    arguments: ['load', '--quiet'],
    environment: { CORTEN_STORE: installation.store, ...FOR_NODE },
    input: 'an archive',
    shadow: 'EACCES',
    root: 'EACCES',
    home: 'EACCES',
    tmp: 'EACCES',
    self: 'EACCES',
    parent: 'EPERM',
    otherEnvironment: 'EACCES',
    containers: '',
    container: 'EROFS',
    program: 'EACCES',
    connected: 'EACCES',
    capabilities: Array.from({ length: 4 }, () => '0000000000000000'),
    noNewPrivileges: '1',
    isLeft: false,
    mode: '600',
  });
  assert.equal(readFileSync(join(installation.store, 'made'), 'utf8'), 'in the store');
  assert.equal(existsSync('/tmp/corten-left'), false);
});

test('to pull it may connect besides, and gets its request in memory', () => {
  using installation = new Installation();
  const { status, stdout, stderr } = installation.call(
    ['pull', '--platform=linux/arm64', 'localhost:5/a/b:1'],
    {
      HTTPS_PROXY: 'http://proxy:1',
      no_proxy: 'a',
      SSL_CERT_FILE: '/etc/hostname',
      SECRET: 'told',
    },
  );
  assert.equal(status, 5, stderr);
  const { input, connected, ...rest } = JSON.parse(stdout) as Record<string, unknown>;
  // Nobody listens there: that it was refused shows that it could try.
  assert.equal(connected, 'ECONNREFUSED');
  assert.deepEqual(
    [rest['shadow'], rest['home'], rest['tmp'], rest['self'], rest['program'], rest['otherEnvironment']],
    ['EACCES', 'EACCES', 'EACCES', 'EACCES', 'EACCES', 'EACCES'],
  );
  assert.deepEqual(rest['environment'], { CORTEN_STORE: installation.store, ...FOR_NODE });
  assert.deepEqual(
    rest['capabilities'],
    Array.from({ length: 4 }, () => '0000000000000000'),
  );
  assert.deepEqual(JSON.parse(String(input)), {
    reference: 'localhost:5/a/b:1',
    platform: 'linux/arm64',
    progress: 'auto',
    parallel: 3,
    keepsBlobs: true,
    signatures: [],
    access: {
      endpoints: [
        { url: 'https://localhost:5', plainHttp: 'fallback', capabilities: ['pull', 'resolve', 'push'] },
      ],
      proxy: { https: 'http://proxy:1', none: 'a' },
      authorities: '/etc/hostname',
    },
  });
});

test('load -i reads the archive that it names, and says if it can not', () => {
  using installation = new Installation();
  const file = join(installation.folder, 'archive');
  copyFileSync(LEAVE, file);
  assert.equal(
    (JSON.parse(installation.load(['-i', file]).stdout) as { input: string }).input,
    readFileSync(LEAVE, 'utf8'),
  );
  const missing = installation.load(['-i', '/no/such']);
  assert.deepEqual([missing.status, missing.stdout], [1, '']);
  assert.match(missing.stderr, /^corten: The archive \/no\/such cannot be read: open \/no\/such: ENOENT\n$/);
});

test('as root no Node runs that somebody else could have put there', () => {
  using installation = new Installation(false);
  const folder = join(installation.folder, 'elsewhere');
  mkdirSync(folder);
  // A copy in a directory that everybody may write is nobody's word.
  chmodSync(folder, 0o777);
  symlinkSync(NODE, join(folder, 'node'));
  const copy = join(folder, 'copied');
  cpSync(NODE, copy);
  chmodSync(copy, 0o755);
  const refused = installation.load([], { PATH: '/no/such', CORTEN_NODE: copy });
  assert.deepEqual([refused.status, refused.stdout], [1, '']);
  assert.match(refused.stderr, /^corten: This needs Node\.js 24 or newer, owned by root alone/);
});

test('without the Node program load says what is missing', () => {
  using installation = new Installation();
  rmSync(join(installation.folder, 'build/node/corten-node.js'));
  assert.match(installation.load([]).stderr, /^corten: The file corten-node\.js is missing beside/);
});
