// Images for other machines: refused by name with the way out, run where --platform asks for it.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Engine } from './engine/engine.ts';
import { makeBusybox } from './engine/images.ts';
import { makeArchive } from './registry/archives.ts';
import { DebianRegistry } from './registry/debian-registry.ts';

const OWN = process.arch === 'arm64' ? 'arm64' : 'amd64';

/** An image that says it is for another machine, with programs of this one. */
function addForeign(engine: Engine): void {
  const folder = join(engine.folder, 'root');
  mkdirSync(folder);
  makeBusybox(folder);
  const tar = execFileSync('tar', ['-C', folder, '-cf', '-', '.'], { maxBuffer: 1 << 26 });
  const words = ['import', '--platform', 'linux/s390x', '-c', 'ENV PATH=/bin', '-', 'foreign'];
  assert.equal(engine.call(words, { input: tar }).code, 0);
}

test('run and create refuse an image for another machine, and --platform takes it as it is', () => {
  using engine = new Engine();
  addForeign(engine);
  for (const verb of ['run', 'create']) {
    const { code, stderr } = engine.call([verb, '--name', 'c', 'foreign', 'true']);
    assert.equal(code, 125);
    assert.match(
      stderr,
      new RegExp(
        `foreign is for linux/s390x, and this machine is linux/${OWN}: .*--platform linux/${OWN} .*--platform linux/s390x`,
      ),
    );
  }
  assert.deepEqual(engine.traces(), []);
  const said = engine.call(['run', '--rm', '--platform', 'linux/s390x', 'foreign', 'echo', 'runs']);
  assert.equal(said.text, 'runs\n', said.stderr);
  engine.note(engine.ok('create', '--name', 'c', '--platform', 's390x', 'foreign', 'echo', 'starts'));
  assert.equal(engine.ok('start', '-a', 'c'), 'starts');
  const { stderr } = engine.call(['run', '--pull=never', '--platform', 'linux/arm/v7', 'foreign', 'true']);
  assert.match(stderr, /foreign in the store is for linux\/s390x, not for linux\/arm\/v7/);
});

test('an archive’s image for another machine is loaded, and refused by run', () => {
  using engine = new Engine();
  const archive = makeArchive(engine.folder, ['gzip', 'gzip'], { architecture: 'riscv64' });
  const loaded = engine.ok('load', '-i', archive);
  const name = loaded.replace(/^Loaded image(?: ID)?: /, '');
  assert.match(
    engine.call(['run', '--rm', name, 'true']).stderr,
    /is for linux\/riscv64, and this machine is/,
  );
});

test('run --platform brings the image for that platform where the store has another', async () => {
  using engine = new Engine();
  using registry = await DebianRegistry.start();
  const name = `${registry.host}/box`;
  await registry.fill(makeArchive(engine.folder, ['gzip', 'gzip'], { architecture: 's390x' }), 'box:latest');
  engine.ok('tag', 'busybox', name);
  assert.equal(engine.ok('run', '--rm', name, 'echo', 'own'), 'own');
  const { stderr } = engine.call(['create', '--platform', 'linux/s390x', name, '/none']);
  assert.match(stderr, /is not in the store for linux\/s390x: pulling it/);
  assert.equal(engine.ok('image', 'inspect', '--format', '{{.Architecture}}', name), 's390x');
});

test('a program for another machine is told from one that is missing', () => {
  using engine = new Engine();
  const program = join(engine.folder, 'program');
  writeFileSync(program, Buffer.from('7f454c4602010100', 'hex'));
  chmodSync(program, 0o755);
  const { code, stderr } = engine.call(['run', '--rm', '-v', `${program}:/program`, 'busybox', '/program']);
  assert.equal(code, 126, stderr);
  assert.match(stderr, /exec \/program: exec format error/);
});
