import { BASE, SLAB, SMALL, blockSize, classOf } from './heap-blocks.mjs';

/** How many bytes of each size a start finds ready; who needs more asks for a slab of 4 KB. */
const READY = 512;
const LEAST_BLOCKS = 2;

/**
 * QuickJS links the slabs of each size, all of them in one list and those with something free in another. In a heap
 * that is arranged, each that is there stands alone, so that nobody writes to it any more, and lists have a small new
 * one. The bytes that those take, from `start` on.
 */
export function slabsSize() {
  return SMALL.reduce((sum, each) => sum + blockSize(classOf(sizeOf(each))), 0);
}

function sizeOf(each) {
  return SLAB.head + countOf(each) * each;
}

function countOf(each) {
  return Math.max(LEAST_BLOCKS, Math.floor(READY / each));
}

/** Takes all slabs of `blocks` out of the lists and makes the new ones; `start` is where the first one's class lies. */
export function replaceSlabs(heap, blocks, start) {
  const slabs = blocks.filter(({ kind }) => kind === 'slab');
  const lists = listsOf(heap, slabs);
  for (const slab of slabs) {
    link(heap, slab.at + SLAB.link, slab.at + SLAB.link);
    link(heap, slab.at, slab.at);
  }
  let at = start;
  for (const [index, each] of SMALL.entries()) {
    const kind = classOf(sizeOf(each));
    heap.writeBigUInt64LE(BigInt(kind), at);
    makeSlab(heap, at + 8, { index, each });
    link(heap, lists.all + 16 * index, at + 8 + SLAB.link);
    link(heap, lists.free + 16 * index, at + 8);
    at += blockSize(kind);
  }
}

/** A list of two. */
function link(heap, one, other) {
  for (const [from, to] of [[one, other], [other, one]]) {
    heap.writeBigUInt64LE(BASE + BigInt(to), from);
    heap.writeBigUInt64LE(BASE + BigInt(to), from + 8);
  }
}

/** One block of it counts as used though it isn't there: an empty slab would be given back. */
function makeSlab(heap, at, { index, each }) {
  const count = countOf(each);
  heap[at + SLAB.class] = index;
  heap.writeUInt16LE(1, at + SLAB.used);
  heap.writeUInt16LE(count + 1, at + SLAB.count);
  heap.writeUInt16LE(0, at + SLAB.free);
  for (let block = 0; block < count; block++) {
    heap.writeUInt16LE(block + 1 < count ? block + 1 : SLAB.none, at + SLAB.head + block * each);
    heap[at + SLAB.head + block * each + 2] = index;
  }
}

/** Where JSRuntime has the heads of its lists: arena_list, then free_arena_list, a link for each size. */
function listsOf(heap, slabs) {
  const links = new Set(slabs.map((slab) => slab.at + SLAB.link));
  const starts = new Set();
  for (const slab of slabs) {
    for (const word of [0, 8]) {
      const neighbour = Number(heap.readBigUInt64LE(slab.at + SLAB.link + word) - BASE);
      if (!links.has(neighbour)) starts.add(neighbour - 16 * heap[slab.at + SLAB.class]);
    }
  }
  if (starts.size !== 1) throw new Error('The lists of slabs do not lie where they are expected');
  const [all] = starts;
  return { all, free: all + 16 * SMALL.length };
}
