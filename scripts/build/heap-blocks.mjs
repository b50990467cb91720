/**
 * What lies in a heap that the host wrote: the blocks of its arena (native/src/arena.rs) and, in those of 4 KB that
 * QuickJS divides itself, QuickJS's own small blocks. Sources: arena.rs; JSMallocBlockHeader, JSArena, JSShape and
 * arena_block_sizes in quickjs.c of the version that native/Cargo.toml names.
 */

/** Where the arena lies in every process that starts from such a heap: arena.rs, BASE. */
export const BASE = process.arch === 'x64' ? 0x2b67_9d60_0000n : 0x67_9d60_0000n;
export const PAGE = 4096;

/** arena.rs, Head: the top, what is populated, the end, two words of the cold part, the free blocks of each class. */
export const HEAD = { top: 0, populated: 8, free: 40, lists: 192, size: 1576 };

/** JSMallocBlockHeader: 8 bytes before what QuickJS asked for. */
export const HEADER = 8;
const IS_LARGE = 0xff_ff_ff;
const TYPE_MASK = 0x7f;
/** JSGCObjectTypeEnum. */
const SHAPE = 2;

/** JSArena: two list links of 16 bytes, then the class, the counts and the first free block. */
export const SLAB = { size: 4096, head: 40, link: 16, class: 32, used: 34, count: 36, free: 38, none: 0xff_ff };
/** arena_block_sizes. */
export const SMALL = [
  16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352,
  384, 416, 448, 480, 512,
];

/** arena.rs, class_of and block_size. */
export function classOf(size) {
  const need = size + 8;
  if (need <= 1040) return Math.max(2, Math.ceil(need / 16));
  const shift = 31 - Math.clz32(need - 17);
  return 65 + (shift - 10) * 4 + ((need - 17) >> (shift - 2)) - 3;
}

export function blockSize(kind) {
  return kind <= 65 ? kind * 16 : ((5 + ((kind - 66) % 4)) << (Math.floor((kind - 66) / 4) + 8)) + 16;
}

/**
 * All blocks in the order of their places: each `slab`, followed by the `small` blocks of it that are in use, `large`
 * ones of QuickJS, and `other`, which is free or no block of QuickJS's. `at` is a place in the heap in bytes.
 */
export function blocksOf(heap) {
  const blocks = [];
  const freed = freedBlocks(heap);
  let at = firstBlock();
  while (at < heap.length - 8) {
    const kind = Number(heap.readBigUInt64LE(at));
    if (kind === 0) {
      at = pageAfter(at) + 8; // nothing more in this page: the heap's parts begin in pages of their own
      continue;
    }
    const size = blockSize(kind);
    if (kind >= 192 || at + size > heap.length + 8) throw new Error(`There is no block at ${at} of a heap`);
    blocks.push(...describe(heap, at + 8, { size: size - 8, isFree: freed.has(at + 8) }));
    at += size;
  }
  return blocks;
}

function firstBlock() {
  return Math.ceil(HEAD.size / 16) * 16 + 8;
}

/** Where QuickJS's runtime lies, which it asks for before all else. */
export function runtimeOf(heap) {
  const start = firstBlock() + 8;
  return { start, end: start - 8 + blockSize(Number(heap.readBigUInt64LE(firstBlock()))) };
}

function pageAfter(at) {
  return (at - 8 + PAGE) & ~(PAGE - 1);
}

function freedBlocks(heap) {
  const freed = new Set();
  for (let list = 0; list < HEAD.lists; list++) {
    let next = heap.readBigUInt64LE(HEAD.free + 8 * list);
    while (next !== 0n && !freed.has(Number(next - BASE))) {
      freed.add(Number(next - BASE));
      next = heap.readBigUInt64LE(Number(next - BASE));
    }
  }
  return freed;
}

function describe(heap, at, { size, isFree }) {
  if (isFree) return [{ kind: 'other', at, size }];
  if (heap.readUIntLE(at, 3) === IS_LARGE) return [{ kind: 'large', at, size, type: typeAt(heap, at) }];
  const each = SMALL[heap[at + SLAB.class]];
  const count = heap.readUInt16LE(at + SLAB.count);
  const isWhole = each !== undefined && count === Math.floor((SLAB.size - SLAB.head) / each) && count * each <= size;
  const isSlab = isWhole && isLinked(heap, at + SLAB.link); // and not a free block that once was one
  if (!isSlab) return [{ kind: 'other', at, size }];
  const free = new Set();
  for (let next = heap.readUInt16LE(at + SLAB.free); next !== SLAB.none; ) {
    free.add(next);
    next = heap.readUInt16LE(at + SLAB.head + next * each);
  }
  const slab = { kind: 'slab', at, size };
  const places = [...Array(count).keys()].filter((index) => !free.has(index)).map((index) => at + SLAB.head + index * each);
  return [slab, ...places.map((place) => ({ kind: 'small', at: place, size: each, type: typeAt(heap, place) }))];
}

/** Of a block that is no object of the collector's, whatever was there before. */
function typeAt(heap, at) {
  return heap[at + 3] & TYPE_MASK;
}

/** Whether two words are the link of a list. */
function isLinked(heap, at) {
  const self = BASE + BigInt(at);
  const [next, previous] = [heap.readBigUInt64LE(at) - BASE, heap.readBigUInt64LE(at + 8) - BASE].map(Number);
  const isPlace = (place) => place > 0 && place % 8 === 0 && place + 16 <= heap.length;
  if (!isPlace(next) || !isPlace(previous)) return false;
  return heap.readBigUInt64LE(next + 8) === self && heap.readBigUInt64LE(previous) === self;
}

/** Whether a block is one of the collector's, which links all of its own. */
function isCollected(heap, { at }) {
  return isLinked(heap, at + HEADER);
}

export function isShape(heap, block) {
  return block.type === SHAPE && isCollected(heap, block);
}
