// `node bench/page-cache.mjs [CONTAINERS] [MEGABYTES]`: what containers of one image (20, 60 MB) leave in the page cache
// when each has read all of it, by the memory cgroups of the containers, and beside it the same by directories: as
// many overlays over one directory, read in one cgroup. Counts need cgroup v1.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipped, imageOf } from './oci-image.mjs';

const CORTEN = new URL('../bin/corten', import.meta.url).pathname;
const MEMORY = '/sys/fs/cgroup/memory';
const MIB = 2 ** 20;
/** Until a monitor has given back what is cached twice, some seconds after its container read last. */
const SETTLED_MS = 8000;

await main();

async function main() {
  const [containers = 20, megabytes = 60] = process.argv.slice(2).map(Number);
  if (!existsSync(`${MEMORY}/memory.stat`)) throw new Error('This counts by cgroup v1');
  const folder = mkdtempSync(join(tmpdir(), 'corten-bench-cache-'));
  process.env.CORTEN_ROOT = join(folder, 'corten');
  process.env.CORTEN_RUN = join(folder, 'corten-run');
  const ids = [];
  try {
    const tree = makeTree(folder, megabytes);
    const directories = byDirectories(folder, tree, containers);
    const tar = join(folder, 'layer.tar');
    execFileSync('tar', ['-c', '-C', tree, '-f', tar, '.']);
    const config = { Env: ['PATH=/bin'] };
    execFileSync(CORTEN, [
      'load',
      '-q',
      '-i',
      imageOf(folder, { name: 'large', layer: gzipped(tar), config }),
    ]);
    for (let index = 0; index < containers; index++) ids.push(await startReader());
    const atOnce = sumOf(ids);
    await sleep(SETTLED_MS);
    const settled = sumOf(ids);
    console.log('| page cache, MiB | of directories |\n|---|---|');
    for (const [name, bytes] of Object.entries({
      directories,
      'corten, at once': atOnce,
      'corten, later': settled,
    }))
      console.log(`| ${name}: ${(bytes / MIB).toFixed(1)} | ${(bytes / directories).toFixed(2)} |`);
  } finally {
    if (ids.length > 0) execFileSync(CORTEN, ['rm', '-f', ...ids], { stdio: 'ignore' });
    rmSync(folder, { recursive: true, force: true });
  }
}

function makeTree(folder, megabytes) {
  const tree = join(folder, 'tree');
  mkdirSync(join(tree, 'bin'), { recursive: true });
  execFileSync('cp', ['-L', '/bin/busybox', join(tree, 'bin/busybox')]);
  for (const applet of ['sh', 'cat', 'sleep'])
    execFileSync('ln', ['-s', 'busybox', join(tree, 'bin', applet)]);
  for (let index = 0; index < megabytes; index++)
    writeFileSync(join(tree, `file-${index}`), randomBytes(MIB));
  return tree;
}

function dropCaches() {
  execFileSync('sh', ['-c', 'sync; echo 3 >/proc/sys/vm/drop_caches']);
}

function byDirectories(folder, tree, count) {
  dropCaches();
  const group = `${MEMORY}/corten-bench-${process.pid}`;
  mkdirSync(group);
  try {
    const script = `echo $$ >${group}/cgroup.procs; cd ${folder}; mkdir uppers; mount -t tmpfs tmpfs uppers
      for i in $(seq ${count}); do
        mkdir uppers/u$i uppers/w$i uppers/m$i
        mount -t overlay -o lowerdir=${tree},upperdir=uppers/u$i,workdir=uppers/w$i overlay uppers/m$i
        cat uppers/m$i/file-* >/dev/null
      done
      sed -n 's/^total_cache //p' ${group}/memory.stat`;
    const words = ['-m', '--propagation', 'private', 'sh', '-euc', script];
    return Number(execFileSync('unshare', words, { encoding: 'utf8' }));
  } finally {
    rmdirSync(group);
    dropCaches();
  }
}

async function startReader() {
  const script = 'cat /file-* >/dev/null; echo done; exec sleep 1000';
  const id = execFileSync(CORTEN, ['run', '-d', 'large', 'sh', '-c', script], { encoding: 'utf8' }).trim();
  while (!execFileSync(CORTEN, ['logs', id], { encoding: 'utf8' }).includes('done')) await sleep(20);
  return id;
}

function sumOf(ids) {
  const texts = ids.map((id) => readFileSync(`${MEMORY}/corten-${id}/memory.stat`, 'utf8'));
  return texts.reduce((sum, text) => sum + Number(/^total_cache (\d+)/m.exec(text)[1]), 0);
}
