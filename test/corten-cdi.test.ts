// Devices by the Container Device Interface: what the host's files describe is what the container has.

import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Engine, type Outcome } from './engine/engine.ts';

/** An engine whose host describes devices in two folders. */
class DescribedHost extends Engine {
  override get env(): NodeJS.ProcessEnv {
    return { ...super.env, CORTEN_CONFIG: join(this.folder, 'corten.toml') };
  }

  constructor() {
    super();
    const folders = ['etc', 'run'].map((name) => join(this.folder, name));
    for (const folder of folders) mkdirSync(folder);
    writeFileSync(join(this.folder, 'corten.toml'), `[devices]\ncdi_dirs = ${JSON.stringify(folders)}\n`);
  }

  describe([file, kind]: readonly [string, string], devices: object, rest: object = {}): void {
    const list = Object.entries(devices).map(([name, containerEdits]) => ({
      name,
      containerEdits: containerEdits as object,
    }));
    writeFileSync(
      join(this.folder, file),
      JSON.stringify({ cdiVersion: '0.6.0', kind, devices: list, ...rest }),
    );
  }
}

test('a described device brings its nodes, mounts, variables and hooks, and what all of its kind have once', () => {
  using host = new DescribedHost();
  const library = join(host.folder, 'library.so');
  writeFileSync(library, 'code');
  const hook = join(host.folder, 'hook');
  writeFileSync(hook, `#!/bin/sh\n{ echo "$1"; cat; } >${hook}.out\n`);
  chmodSync(hook, 0o755);
  const common = {
    env: ['COMMON=yes'],
    mounts: [{ hostPath: library, containerPath: '/usr/lib/library.so' }],
    hooks: [{ hookName: 'createRuntime', path: hook, args: ['hook', 'said'] }],
  };
  const one = {
    env: ['ONE=1', 'FROM_IMAGE=no'],
    deviceNodes: [{ path: '/dev/vendor0', hostPath: '/dev/fuse', permissions: 'rw', fileMode: 0o640 }],
  };
  host.describe(
    ['etc/vendor.json', 'vendor.com/thing'],
    { one, two: { env: ['TWO=2'] } },
    { containerEdits: common },
  );
  const script =
    'echo $COMMON $ONE $TWO $FROM_IMAGE; cat /usr/lib/library.so; echo x >>/usr/lib/library.so; stat -c "%F %a" /dev/vendor0; : </dev/vendor0 && echo opened';
  const said = host.script(script, '--device', 'vendor.com/thing=one', '--device', 'vendor.com/thing=two');
  assert.equal(said.text, 'yes 1 2 no\ncodecharacter special file 640\nopened\n', said.stderr);
  assert.match(said.stderr, /Read-only/);
  const [word = '', state = ''] = readFileSync(`${hook}.out`, 'utf8').split('\n', 2);
  assert.equal(word, 'said');
  const { bundle } = JSON.parse(state) as { readonly bundle: string };
  assert.match(bundle, /\/bundle$/);
  const other = host.script(
    'echo $ONE; ls /dev/vendor0',
    '--runtime',
    'crun',
    '--device',
    'vendor.com/thing=one',
  );
  assert.equal(other.text, '1\n/dev/vendor0\n', other.stderr);
});

test('--gpus means NVIDIA’s devices, or those of the only vendor that the host has', () => {
  using host = new DescribedHost();
  const gpus = { all: { env: ['GPU=all'] }, 0: { env: ['GPU0=yes'] }, 1: { env: ['GPU1=yes'] } };
  host.describe(['etc/gpu.json', 'amd.com/gpu'], gpus);
  const say = (...flags: readonly string[]): string =>
    host.script('echo $GPU $GPU0 $GPU1', ...flags).text.trim();
  assert.equal(say('--gpus', 'all'), 'all');
  assert.equal(say('--gpus', '1'), 'yes');
  assert.equal(say('--gpus', '"device=0,1"'), 'yes yes');
  host.describe(['etc/other.json', 'nvidia.com/gpu'], { all: { env: ['GPU=nvidia'] } });
  assert.equal(say('--gpus=all'), 'nvidia');
});

test('the later folder wins; what is described twice in one, nowhere, or wrongly is told', () => {
  using host = new DescribedHost();
  host.describe(['etc/a.json', 'v.com/c'], { d: { env: ['WHERE=etc'] } });
  host.describe(['run/a.json', 'v.com/c'], { d: { env: ['WHERE=run'] } });
  const run = (device: string): Outcome => host.script('echo $WHERE', '--device', device);
  assert.equal(run('v.com/c=d').text, 'run\n');
  host.describe(['run/b.json', 'v.com/c'], { d: {} });
  assert.match(run('v.com/c=d').stderr, /v\.com\/c=d is described by both .*run\/a\.json and .*run\/b\.json/);
  writeFileSync(join(host.folder, 'etc/y.yaml'), 'cdiVersion: 0.6.0\n');
  const missing = run('v.com/c=none');
  assert.equal(missing.code, 125);
  assert.match(
    missing.stderr,
    /no device v\.com\/c=none .*: it has v\.com\/c=d.*y\.yaml is not read.*--format=json/,
  );
  host.describe(['run/b.json', 'v.com/c'], {}, { cdiVersion: '9.0.0' });
  assert.match(run('v.com/c=d').stderr, /run\/b\.json has the version 9\.0\.0/);
  writeFileSync(join(host.folder, 'run/b.json'), '{"cdiVersion":"1.0.0","kind":7}');
  assert.match(run('v.com/c=d').stderr, /run\/b\.json is no JSON as the Container Device Interface/);
  host.noteAll();
  assert.deepEqual(host.traces(), []);
});
