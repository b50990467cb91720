// Pulls that are killed at any time and at any call, and a store on a disk that is full. CORTEN_CHAOS=200 makes it long.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CORTEN, Engine, outcomeOf } from './engine/engine.ts';
import { call } from './registry/run.ts';
import { remoteBox, type RemoteBox } from './registry/remote-box.ts';

const KILLS = Number(process.env['CORTEN_CHAOS'] ?? 16);
/** The calls that change a store, those of SQLite included. */
const CALLS = 'mkdir,rename,unlink,rmdir,chmod,fsync,fdatasync,ftruncate,pwrite64';
/** More of them than a pull of this image makes. */
const MOST_CALLS = 160;
/** Milliseconds that a pull takes at most on an idle machine. */
const LONGEST = 600;

async function killAtTime(engine: Engine, { name }: RemoteBox): Promise<string> {
  const time = randomInt(LONGEST);
  const child = engine.start(['pull', '-q', name]);
  const outcome = outcomeOf(child);
  await sleep(time);
  child.kill('SIGKILL');
  await outcome;
  return `after ${time} ms`;
}

/** All of the pull's processes are killed by the first that comes to the nth call. */
async function killAtCall(engine: Engine, { name }: RemoteBox): Promise<string> {
  const nth = 1 + randomInt(MOST_CALLS);
  const inject = ['-e', `trace=${CALLS}`, '-e', `inject=${CALLS}:signal=SIGKILL:when=${nth}`];
  const args = ['-f', '-qqq', '-o', '/dev/null', ...inject, CORTEN, 'pull', '-q', name];
  await outcomeOf(spawn('strace', args, { env: engine.env, stdio: ['ignore', 'pipe', 'pipe'] }));
  return `at call ${nth}`;
}

async function mustPull(engine: Engine, { name }: RemoteBox, when: string): Promise<void> {
  const { code, stderr } = await call(engine, ['pull', '-q', name]);
  assert.equal(code, 0, `${when}: ${stderr}`);
}

function mustBeWhole(engine: Engine, when: string): void {
  const { code, text, stderr } = engine.call(['system', 'check']);
  assert.equal(code, 0, `${when}: ${text}${stderr}`);
}

test(`${KILLS} pulls that are killed leave a store that is whole, and the next goes through`, async () => {
  using engine = new Engine();
  engine.ok('rmi', 'busybox');
  using remote = await remoteBox(engine.folder);
  let ended = 0;
  for (let count = 0; count < KILLS; count++) {
    const when = await (count % 2 === 0 ? killAtTime : killAtCall)(engine, remote);
    mustBeWhole(engine, when);
    const isThere = engine.call(['image', 'inspect', remote.name]).code === 0;
    if (!isThere) ended++;
    if (count % 4 === 3 || count === KILLS - 1) {
      await mustPull(engine, remote, when);
      assert.match(engine.ok('run', '--rm', remote.name, 'wc', '-c', '/note'), /^1\d{6} /);
    }
    // From the start, or from what is left.
    engine.call(['rmi', '-f', remote.name]);
    if (count % 3 === 0) engine.ok('system', 'prune', '-f');
  }
  assert.ok(ended > KILLS / 8, `only ${ended} of ${KILLS} pulls were killed before their end`);
  engine.ok('system', 'prune', '-f');
  assert.deepEqual(readdirSync(join(engine.store, 'blobs/sha256')), []);
  assert.deepEqual(readdirSync(join(engine.store, 'layers')), []);
  assert.deepEqual(readdirSync(join(engine.store, 'tmp')), ['lock']);
});

/** A small file system of its own, unmounted and gone with its scope. */
function smallDisk(megabytes: number): { readonly path: string; [Symbol.dispose](): void } {
  const folder = mkdtempSync(join(tmpdir(), 'corten-disk-'));
  const [image, path] = [join(folder, 'image'), join(folder, 'mount')];
  execFileSync('truncate', ['-s', `${megabytes}M`, image]);
  execFileSync('mkfs.ext4', ['-q', '-m', '0', image]);
  mkdirSync(path);
  execFileSync('mount', ['-o', 'loop', image, path]);
  return {
    path,
    [Symbol.dispose]: () => {
      execFileSync('umount', [path]);
      rmSync(folder, { recursive: true });
    },
  };
}

/** Leaves so many bytes free, or a little less. */
function fill(path: string, free: number): void {
  const fd = openSync(join(path, 'filler'), 'w');
  const piece = Buffer.alloc(512 << 10);
  try {
    for (;;) {
      const { bavail, bsize } = statfsSync(path);
      if (bavail * bsize <= free) return;
      writeSync(fd, piece);
      fsyncSync(fd);
    }
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('ENOSPC')) throw error;
  } finally {
    closeSync(fd);
  }
}

test('a store on a full disk stays whole, says so, and takes the image when there is room', async () => {
  using disk = smallDisk(40);
  using engine = new Engine({}, disk.path);
  engine.ok('rmi', 'busybox');
  const source = mkdtempSync(join(tmpdir(), 'corten-box-'));
  try {
    using remote = await remoteBox(source, randomBytes(2 << 20).toString('latin1'));
    let refused = 0;
    const step = 10 / Math.max(8, KILLS / 8);
    for (let megabytes = 0; megabytes < 10; megabytes += step) {
      const when = `${megabytes} MB free`;
      fill(disk.path, megabytes * (1 << 20));
      const { code, stderr } = await call(engine, ['pull', '-q', remote.name]);
      if (code !== 0) {
        refused++;
        assert.match(
          stderr,
          /^corten: [^\n]*(?:no space left|No space left|disk is full|database or disk)[^\n]*\n$/,
          when,
        );
      }
      rmSync(join(disk.path, 'filler'), { force: true });
      mustBeWhole(engine, when);
      await mustPull(engine, remote, when);
      engine.ok('rmi', remote.name);
      engine.ok('system', 'prune', '-f');
    }
    assert.ok(refused > 1, `${refused} pulls were refused`);
  } finally {
    rmSync(source, { recursive: true });
  }
});
