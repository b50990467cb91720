/**
 * How a heap is divided: by the arena (native/src/arena.rs) into blocks of a class, and by QuickJS (JSArena in quickjs.c)
 * into slabs, whose cells have one size each. All places are bytes from the heap's begin.
 */

/** struct Head of the arena: two addresses, then, behind others, the first free block of each class. */
export const HEAD = { top: 0, populated: 8, free: 48, classes: 192 };
export const FIRST_BLOCK = HEAD.free + 2 * HEAD.classes * 8 + 8;
/** Of a block, its class; of a large one QuickJS's own head is behind. */
export const BLOCK_HEAD = 8;
/** struct JSRuntime: where its lists of slabs are, of all and of those with a free cell. */
const LISTS = 72;
export const CELL_SIZES = [
  ...[16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120, 128],
  ...[144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352, 384, 416, 448, 480, 512],
];
export const PAGE = 4096;
/** struct JSArena */
export const SLAB = { freeLink: 0, link: 16, size: 32, used: 34, count: 36, firstFree: 38, cells: 40, most: 4096 };
/** struct JSMallocBlockHeader: a cell's number, or the next free one's. */
export const NO_CELL = 0xffff;

export function blockSize(number) {
  return number <= 65 ? number * 16 : ((5 + ((number - 66) % 4)) << (Math.floor((number - 66) / 4) + 8)) + 16;
}

/** The smallest class that holds so many bytes. */
export function classOf(bytes) {
  let number = 2;
  while (blockSize(number) < bytes + BLOCK_HEAD) number++;
  return number;
}

/** Places of the lists of slabs with cells of a size. */
export function listsOf(runtime, size) {
  const at = runtime + LISTS + CELL_SIZES.indexOf(size) * 16;
  return { all: at, free: at + CELL_SIZES.length * 16 };
}

/** Writes a slab's head. */
export function writeSlab(view, at, { size, used, count }) {
  view.setUint8(at + SLAB.size, CELL_SIZES.indexOf(size));
  view.setUint16(at + SLAB.used, used, true);
  view.setUint16(at + SLAB.count, count, true);
  view.setUint16(at + SLAB.firstFree, used < count ? used : NO_CELL, true);
}

/** Writes the head of a cell: its number where it is used, the next free one's where not. */
export function writeCell(view, at, { size, number }) {
  view.setUint16(at, number, true);
  view.setUint8(at + 2, CELL_SIZES.indexOf(size));
}

export function viewOf(words) {
  return new DataView(words.buffer, words.byteOffset, words.byteLength);
}

/** The address of a heap that was stored. */
export function baseOf(words) {
  return words[HEAD.populated / 8] - BigInt(words.byteLength);
}

/** Of the words of a heap: its large blocks, the runtime first, and the used cells by size. */
export function readBlocks(words, base) {
  const view = viewOf(words);
  const place = (at) => Number(words[at / 8] - base);
  const free = new Set();
  for (let number = 0; number < HEAD.classes; number++) {
    for (let at = HEAD.free + number * 8; words[at / 8] !== 0n; at = place(at)) free.add(place(at));
  }
  const runtime = FIRST_BLOCK + BLOCK_HEAD;
  const slabs = new Map(CELL_SIZES.map((size) => [size, slabsIn(listsOf(runtime, size).all, place)]));
  const large = [];
  const taken = new Set([...slabs.values()].flat());
  for (let at = FIRST_BLOCK; at < place(HEAD.top); ) {
    if (words[at / 8] === 0n) {
      // What comes after a heap was stored begins on a page of its own.
      at = Math.ceil(at / PAGE) * PAGE + 8;
      continue;
    }
    const length = blockSize(Number(words[at / 8])) - BLOCK_HEAD;
    at += BLOCK_HEAD;
    if (!free.has(at) && !taken.delete(at)) large.push({ at, length });
    at += length;
  }
  if (taken.size > 0) throw new Error('A slab of the heap is no block of the arena');
  const cells = new Map([...slabs].map(([size, places]) => [size, places.flatMap((at) => cellsIn(view, at, size))]));
  return { runtime, large, cells };
}

function slabsIn(list, place) {
  const slabs = [];
  for (let link = place(list + 8); link !== list; link = place(link + 8)) slabs.push(link - SLAB.link);
  return slabs;
}

/** A slab's cells. */
function cellsIn(view, slab, size) {
  const count = view.getUint16(slab + SLAB.count, true);
  const at = (number) => slab + SLAB.cells + number * size;
  const free = new Set();
  for (let number = view.getUint16(slab + SLAB.firstFree, true); number !== NO_CELL; number = view.getUint16(at(number), true))
    free.add(number);
  if (CELL_SIZES[view.getUint8(slab + SLAB.size)] !== size || free.size !== count - view.getUint16(slab + SLAB.used, true))
    throw new Error(`The slab at ${slab} isn't what quickjs.c makes`);
  return Array.from({ length: count }, (_, number) => ({ at: at(number), length: size, isFree: free.has(number) }));
}
