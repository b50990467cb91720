import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PAGE } from './heap-blocks.mjs';
import { blocksIn, placesFor, relocate } from './heap-layout.mjs';
import { profile } from './heap-profile.mjs';
import { slabsSize } from './heap-slabs.mjs';
import { appendHeaps } from './heaps.mjs';

/** Words of an entry: native/src/snapshot.rs, Entry; arena.rs, Parts. */
const FIRST = 7;
/** The arena's head and QuickJS's runtime. */
const ALWAYS = 2 * PAGE;

/**
 * Puts what a start writes to of each heap on as few pages as it can: containers are run with heaps that have each
 * block on a page of its own, and which pages were written to then says where the blocks go. Heaps that no step used,
 * and all where the machine can't run a container, stay as they are.
 */
export async function arrangeHeaps(host, heaps, { targetFolder, environment }) {
  const spread = join(targetFolder, `corten-spread-${process.pid}`);
  try {
    const tracer = buildTracer(targetFolder, environment);
    cpSync(host, spread);
    const wide = heaps.map((heap) => spreadOut(heap));
    const places = appendHeaps(spread, wide.map(({ heap }) => heap));
    const pages = await profile(spread, { tracer, hello: join(targetFolder, 'hello'), loadHello: (corten, env) => loadHello(targetFolder, corten, env) });
    return heaps.map((heap, index) => {
      const written = pages.get(String(places[index]));
      return written === undefined ? heap : gather(heap, wide[index], written);
    });
  } catch (error) {
    process.stderr.write(`The heaps are not arranged by use, and starts take longer, for no container runs here: ${error.message}\n`);
    return heaps;
  } finally {
    rmSync(spread, { force: true });
  }
}

function buildTracer(targetFolder, env) {
  const tracer = join(targetFolder, 'written-pages');
  const flags = ['--edition', '2024', '-C', 'opt-level=1', '-C', 'panic=abort', '-C', 'target-feature=+crt-static'];
  execFileSync('rustc', [...flags, '-o', tracer, 'scripts/build/written-pages.rs'], { stdio: 'inherit', env });
  return tracer;
}

function loadHello(targetFolder, corten, env) {
  const archive = spawnSync(process.execPath, ['scripts/hello-image.mjs', join(targetFolder, 'hello')], { maxBuffer: 64 << 20 });
  const withNode = { ...env, CORTEN_NODE: resolve('bin/node') };
  return spawnSync(corten, ['load'], { input: archive.stdout, env: withNode, stdio: ['pipe', 'ignore', 'ignore'] }).status === 0;
}

/** Each block on a page of its own, and none asked for at the start. */
function spreadOut(heap) {
  const { blocks, single } = blocksIn(heap.heap);
  const { places, end } = placesFor(single, heap.heap.length, { isSpread: true });
  const moved = relocate(heap, { blocks, places, size: end });
  moved.entry.set([0n, 0n, 0n, 0n, 0n], FIRST);
  const byPage = new Map([...places].map(([block, place]) => [Math.floor(place / PAGE), block.at]));
  return { heap: { name: heap.name, ...moved }, byPage };
}

/**
 * The blocks written to behind all others: those for a seccomp profile, those before a child began, those after. Of a
 * process that stays, those that it writes to before it waits come last. New blocks follow.
 */
function gather(heap, { byPage }, written) {
  const { blocks, single } = blocksIn(heap.heap);
  const at = (pages) => new Set([...pages].map((page) => byPage.get(page)));
  const [any, shared, sealed, idle] = [written.any, written.shared, written.sealed, written.idle].map(at);
  const { isResident } = heap;
  const last = isResident ? idle : shared;
  const rare = single.filter((block) => sealed.has(block.at) && !any.has(block.at));
  const early = single.filter((block) => any.has(block.at) && !last.has(block.at));
  const late = single.filter((block) => any.has(block.at) && last.has(block.at));
  const cold = placesFor(isResident ? early : rare, heap.heap.length);
  const hot = placesFor(isResident ? late : [...early, ...late], cold.end, { after: slabsSize() });
  const places = new Map([...cold.places, ...hot.places]);
  const arranged = relocate(heap, { blocks, places, size: hot.end, slabs: hot.after });
  const parts = isResident ? [0, 0, 0, 0, 0] : [ALWAYS, cold.end, hot.end, heap.heap.length, cold.end];
  arranged.entry.set(parts.map(BigInt), FIRST);
  return { name: heap.name, ...arranged };
}
