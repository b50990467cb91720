// `node bench/fleet.mjs [CONTAINERS]`: many containers at once, under corten, podman (on crun) and docker: what the host's
// processes cost for each of 200 idle ones without a network and of 50 in a bridge's with a published port, `ps` with
// all of them, and what the whole machine has less of memory with 50 that run Python with libraries. Empties the
// machine's page cache; in a network namespace of its own. Takes five minutes for 200, most of them the peers'.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { interleave, print } from './interleaved.mjs';
import { gzipped, imageOf } from './oci-image.mjs';
import { corten } from './peers/corten.mjs';
import { docker } from './peers/docker.mjs';
import { podman } from './peers/podman.mjs';
import { enterPrivateMounts } from './private-mounts.mjs';
import { memoryOf, processesCalled } from './processes.mjs';

const IDLE = Number(process.argv[2] ?? 200);
const BUSY = Math.ceil(IDLE / 4);
const PYTHON = '/usr/bin/python3.11';
const PACKAGES = ['python3.11-minimal', 'libpython3.11-minimal', 'libpython3.11-stdlib'];
const PROGRAM =
  'import asyncio, decimal, email, http.server, json, sqlite3, ssl, time, xml.dom.minidom\ntime.sleep(1e6)';
/** Nothing says that an import is done; the slowest engine's are after this. */
const SETTLED_MS = 5000;

/** How long what an engine cleans up behind its commands may take. */
const GONE_WITHIN_MS = 10_000;
/** How many of an engine's commands run at once. */
const AT_ONCE = 4;

if (enterPrivateMounts(true)) await main();

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'corten-bench-fleet-'));
  const engines = [];
  try {
    const archives = makeArchives(folder);
    for (const start of [corten, podman, docker]) {
      const engine = await Promise.resolve(start(folder, archives, { hasNetwork: true }));
      if (engine !== undefined) engines.push(engine);
    }
    for (const engine of engines) await printBusy(engine);
    for (const engine of engines) await printPublished(engine);
    for (const engine of engines) await startAll(engine, 'idle', { count: IDLE });
    await sleep(SETTLED_MS);
    for (const engine of engines) printCosts(engine, `${IDLE} idle`, IDLE);
    const subjects = engines.map(({ name, command }) => ({
      name,
      steps: [{ name: 'ps', command: command('ps') }],
    }));
    print(interleave({ subjects, rounds: 20 }), engines.map(({ name }) => name).slice(1));
    for (const engine of engines) await removeAll(engine);
  } finally {
    for (const engine of engines) await Promise.resolve(engine.stop());
    rmSync(folder, { recursive: true });
  }
}

function makeArchives(folder) {
  const source = '#include <unistd.h>\nint main(void){for(;;)pause();}';
  writeFileSync(join(folder, 'idle.c'), source);
  execFileSync('cc', ['-O1', '-static', '-o', join(folder, 'wait'), join(folder, 'idle.c')]);
  execFileSync('tar', ['-c', '-C', folder, '-f', join(folder, 'idle.tar'), 'wait']);
  const archives = { idle: archive(folder, 'idle', { Cmd: ['/wait'] }) };
  if (!existsSync(PYTHON)) return archives;
  writeFileSync(join(folder, 'names'), pythonFiles().join('\n'));
  const options = ['--no-recursion', '-h', '-T', join(folder, 'names')];
  execFileSync('tar', ['-c', '-C', '/', '-f', join(folder, 'python.tar'), ...options], { stdio: 'ignore' });
  return { ...archives, python: archive(folder, 'python', { Cmd: [PYTHON, '-c', PROGRAM] }) };
}

function archive(folder, name, config) {
  const oci = imageOf(folder, { name, layer: gzipped(join(folder, `${name}.tar`)), config });
  const other = join(folder, `${name}.docker.tar`);
  const copy = ['copy', '-q', `oci-archive:${oci}`, `docker-archive:${other}:${name}:latest`];
  execFileSync('skopeo', ['--insecure-policy', ...copy]);
  return { oci, docker: other };
}

/** The packages' files, and the libraries that their programs and modules load. */
function pythonFiles() {
  const listed = execFileSync('dpkg', ['-L', ...PACKAGES], { encoding: 'utf8' }).split('\n');
  const files = listed.filter((path) => path.startsWith('/usr') && existsSync(path));
  const binaries = files.filter((path) => path === PYTHON || path.endsWith('.so'));
  const libraries = execFileSync('ldd', binaries, { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g);
  return [...new Set([...files, ...[...libraries].map(([, path]) => path)])].map((path) => path.slice(1));
}

/** What the machine has less of memory with all of them, page cache included. */
async function printBusy(engine) {
  emptyCache();
  const before = usedMemory();
  await startAll(engine, 'python', { count: BUSY });
  await sleep(SETTLED_MS);
  const each = (usedMemory() - before) / BUSY / 1024;
  console.log(`${BUSY} with Python: ${engine.name}: ${each.toFixed(2)} MiB of the machine a container`);
  await removeAll(engine);
}

async function printPublished(engine) {
  execFileSync(...quiet(engine.command('network', 'create', 'bench')));
  await startAll(engine, 'idle', { count: BUSY, options: ['--network', 'bench', '-p', '127.0.0.1::80'] });
  await sleep(SETTLED_MS);
  printCosts(engine, `${BUSY} with a published port`, BUSY);
  await removeAll(engine);
  execFileSync(...quiet(engine.command('network', 'rm', 'bench')));
}

function emptyCache() {
  execFileSync('sync');
  writeFileSync('/proc/sys/vm/drop_caches', '3');
}

/** KiB. */
function usedMemory() {
  const text = readFileSync('/proc/meminfo', 'utf8');
  const [total, free] = ['MemTotal', 'MemFree'].map((name) =>
    Number(new RegExp(`${name}:\\s+(\\d+)`).exec(text)[1]),
  );
  return total - free;
}

async function startAll({ name, command }, image, { count, options = ['--network', 'none'] }) {
  const ids = Array.from({ length: count }, (_, at) => `bench-${image}-${at}`);
  const start = async (id) => {
    const [program, args, how] = quiet(command('run', '-d', ...options, '--name', id, image));
    const [code] = await once(spawn(program, args, how), 'exit');
    if (code !== 0) throw new Error(`${name} can't start ${id}`);
  };
  const worker = async () => {
    for (let id = ids.shift(); id !== undefined; id = ids.shift()) await start(id);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** All of them; nothing of a container is left soon after. */
async function removeAll({ name, command, keeper, others }) {
  const list = () => {
    const [program, ...args] = command('ps', '-a', '-q');
    return execFileSync(program, args, { encoding: 'utf8' })
      .split('\n')
      .filter((id) => id !== '');
  };
  spawnSync(...quiet(command('rm', '-f', ...list())));
  const left = () => [...list(), ...[keeper, ...others].flatMap(processesCalled)];
  for (let waited = 0; left().length > 0; waited += 200) {
    if (waited > GONE_WITHIN_MS) throw new Error(`${name} has left behind: ${left().join(' ')}`);
    await sleep(200);
  }
}

function quiet([program, ...args]) {
  return [program, args, { stdio: 'ignore' }];
}

/** All processes of the host that came with the containers: proportional memory, since most is shared. */
function printCosts({ name, keeper, others }, what, count) {
  // Pages of a file just written count as dirty.
  execFileSync('sync');
  const costs = [keeper, ...others].flatMap(processesCalled).map(memoryOf);
  const sum = (key) => costs.reduce((total, cost) => total + cost[key], 0) / count;
  console.log(
    `${what}: ${name}: ${costs.length} processes "${[keeper, ...others].join(', ')}", ${sum('Pss').toFixed(0)} KiB ` +
      `proportional and ${sum('Private_Dirty').toFixed(0)} KiB private dirty a container`,
  );
}
