import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { baseOf, PAGE, readBlocks } from './heap-blocks.mjs';

/** Documentation/admin-guide/mm/pagemap.rst: bits of a page. */
const PRESENT = 1n << 63n;
const OF_FILE = 1n << 61n;
const WITHIN_MS = 10_000;
const LINE = 'ready\n';
const ID = '0'.repeat(64);

/**
 * What an idle process of a resident program writes to, found by running one whose heap is spread over as many pages
 * as it has blocks: the rank of a place is 0 if it is written to until the process first waits, 1 if until it waits
 * again after a line of output; and how many new cells of each size it makes. Undefined where this machine doesn't
 * let us look.
 */
export async function usesOf(executable, program, heap) {
  const folder = mkdtempSync(join(tmpdir(), 'corten-build-'));
  const directory = openSync(folder, 'r');
  const trial = TRIALS[program](folder);
  const child = spawn(executable, [JSON.stringify(trial.state)], {
    argv0: program,
    stdio: ['ignore', 'ignore', 'ignore', directory, ...trial.pipes],
  });
  child.on('error', () => undefined);
  try {
    const idle = await snapshotOf(child, heap);
    child.stdio[trial.output]?.write(LINE);
    const later = idle && (await snapshotOf(child, heap));
    return later && { ranks: ranksOf(heap, [idle.isOwn, later.isOwn]), fresh: freshOf(heap, later.words) };
  } finally {
    child.kill('SIGKILL');
    closeSync(directory);
    rmSync(folder, { recursive: true });
  }
}

/** What each program gets; descriptor 3 is a folder, and pipes follow. */
const TRIALS = {
  'corten-monitor': (folder) => ({
    pipes: ['pipe', 'pipe', 'pipe', 'pipe'],
    output: 5,
    state: {
      places: { id: ID, name: 'name', directory: folder, runtimeRoot: folder, names: folder, events: folder },
      ...{ directory: 3, listener: 4, clients: [], isAutoRemove: false, hasTerminal: false, pid: 2 ** 22 },
      ...{ cgroups: [`${folder}/${ID}`], pidfd: 7, kept: [], lease: 3, layerFiles: [join(folder, 'layer')] },
      ...{ layers: [{ file: join(folder, 'layer'), fd: 3 }] },
      outputs: [
        { fd: 5, stream: 'stdout' },
        { fd: 6, stream: 'stderr' },
      ],
    },
  }),
  'corten-forwarder': () => ({
    pipes: ['pipe'],
    output: undefined,
    state: { parent: process.pid, listeners: [{ fd: 4, protocol: 'tcp', target: Array.from({ length: 16 }, () => 0) }] },
  }),
};

/** The heap of a process that waits, and which of its pages are its own. */
async function snapshotOf({ pid, exitCode }, { heap }) {
  if (pid === undefined || exitCode !== null) return undefined;
  try {
    await idleness(pid);
    const base = baseOf(heap);
    const [head] = read(`/proc/${pid}/mem`, base, PAGE);
    const words = read(`/proc/${pid}/mem`, base, Math.ceil(Number(head - base) / PAGE) * PAGE);
    const pages = read(`/proc/${pid}/pagemap`, (base / BigInt(PAGE)) * 8n, (heap.byteLength / PAGE) * 8);
    return { words, isOwn: Array.from(pages, (page) => (page & PRESENT) !== 0n && (page & OF_FILE) === 0n) };
  } catch {
    return undefined;
  }
}

function read(path, place, length) {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(length);
    if (readSync(file, bytes, 0, length, place) !== length) throw new Error(`${path} ends early`);
    return new BigUint64Array(bytes.buffer, bytes.byteOffset, length / 8);
  } finally {
    closeSync(file);
  }
}

/** Waits until a process has slept for a while without any time of its own. */
async function idleness(pid) {
  for (let [waited, quiet, before] = [0, 0, '']; quiet < 10; waited += 10) {
    if (waited > WITHIN_MS) throw new Error('The process is never idle');
    await sleep(10);
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ');
    const now = `${fields[11]} ${fields[12]}`;
    quiet = fields[0] === 'S' && now === before ? quiet + 1 : 0;
    before = now;
  }
}

/** Of each piece that lies on a page which is the process's own, by where it was before. */
function ranksOf({ pieces }, moments) {
  const rankOf = ({ to, length }) =>
    moments.findIndex((isOwn) => isOwn.slice(Math.floor(to / PAGE), Math.ceil((to + length) / PAGE)).includes(true));
  return new Map(pieces.map((piece) => [piece.from, rankOf(piece)]).filter(([, rank]) => rank >= 0));
}

/** Cells outside of the stored heap, used or used once. */
function freshOf({ heap }, words) {
  const isNew = ({ at, length, isFree }) =>
    at >= heap.byteLength && (!isFree || words.subarray(at / 8 + 1, (at + length) / 8).some((word) => word !== 0n));
  return new Map([...readBlocks(words, baseOf(heap)).cells].map(([size, cells]) => [size, cells.filter(isNew).length]));
}
