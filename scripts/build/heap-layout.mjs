import { BASE, HEAD, HEADER, PAGE, blockSize, blocksOf, classOf, isShape } from './heap-blocks.mjs';
import { replaceSlabs } from './heap-slabs.mjs';
import { checkHashes, hashedShapes, rehash } from './heap-shapes.mjs';

/** JSShape: a flag, and a number that is never an address though an old one's half may stand there. */
const SHAPE_HASH = 24;
/** A block of this size or more is rarely worth a place of its own. */
const BIGGEST_MOVED = 4000;

/** All blocks, and of them those that may get another place: QuickJS's own. */
export function blocksIn(heap) {
  const blocks = blocksOf(heap);
  return { blocks, single: blocks.filter((block) => isSingle(block)) };
}

function isSingle({ kind, size }) {
  return kind === 'small' || (kind === 'large' && size < BIGGEST_MOVED);
}

/** The block that an address belongs to. The end of a block is its own, its start is not, for nothing names a header. */
function finder(blocks) {
  const starts = blocks.map(({ at }) => at);
  return (address) => {
    if (address <= BASE || address >= BASE + (1n << 30n)) return undefined;
    const place = Number(address - BASE);
    let [low, high] = [0, starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (starts[middle] < place) low = middle + 1;
      else high = middle;
    }
    const block = blocks[low - 1];
    return block !== undefined && place <= block.at + block.size ? block : undefined;
  };
}

/**
 * Gives blocks places one behind the other from `start` on, a whole page for each where `isSpread`. `after` more bytes
 * lie behind them.
 */
export function placesFor(blocks, start, { isSpread = false, after = 0 } = {}) {
  const places = new Map();
  let end = start;
  for (const block of blocks) {
    places.set(block, end + 16);
    end += isSpread ? PAGE : blockSize(classOf(block.size));
  }
  return { places, after: end, end: Math.ceil((end + after) / PAGE) * PAGE };
}

/**
 * A heap of `size` bytes whose blocks lie where `places` says, and all that names them says so too. A small block
 * leaves its slab for good: in its new place it is a large one to QuickJS. New slabs lie at `slabs`, if it is given.
 */
export function relocate({ entry, heap, moved }, { blocks, places, size, slabs }) {
  const source = Buffer.from(Uint8Array.from(heap).buffer);
  const owner = finder([...places.keys()].toSorted((one, other) => one.at - other.at));
  const relocated = (address) => {
    const block = owner(address);
    return block === undefined ? address : address + BigInt(places.get(block) - block.at);
  };
  const shapes = blocks.filter((block) => isShape(heap, block));
  const hashes = new Set(shapes.map(({ at }) => at + SHAPE_HASH));
  const hashed = hashedShapes(heap, shapes);
  checkHashes(heap, hashed);
  for (const place of addressesIn(source)) {
    if (!hashes.has(place)) source.writeBigUInt64LE(relocated(source.readBigUInt64LE(place)), place);
  }
  const result = Buffer.alloc(size);
  source.copy(result);
  for (const [block, place] of places) move(source, result, block, place);
  rehash(result, hashed.map((shape) => Number(relocated(BASE + BigInt(shape)) - BASE)));
  if (slabs !== undefined) replaceSlabs(result, blocks, slabs + 8);
  setHead(result, size);
  const head = entry.slice();
  [head[0], head[1], head[6]] = [relocated(entry[0]), relocated(entry[1]), BigInt(size)];
  const moves = [...moved].map((word) => Number(relocated(BASE + BigInt(word * 8 + 1)) - BASE - 1n) / 8);
  return { entry: head, heap: result, moved: Uint32Array.from(moves).sort() };
}

/** The places of words that lie in the gigabyte of the heap. */
function* addressesIn(heap) {
  const halves = new Uint32Array(heap.buffer, heap.byteOffset, heap.length / 4);
  const high = Number(BASE >> 32n);
  for (let half = 1; half < halves.length; half += 2) {
    if (halves[half] === high) yield half * 4 - 4;
  }
}

function move(source, result, block, place) {
  result.fill(0, block.at + HEADER, block.at + block.size);
  source.copy(result, place, block.at, block.at + block.size);
  result.writeBigUInt64LE(BigInt(classOf(block.size)), place - 8);
  if (block.kind === 'large') return;
  result.writeUInt16LE(0xff_ff, place);
  result[place + 2] = 0xff;
}

/** What is free stays so, and new blocks come after all others. */
function setHead(heap, size) {
  heap.fill(0, HEAD.free, HEAD.free + 8 * HEAD.lists);
  heap.writeBigUInt64LE(BASE + BigInt(size + 8), HEAD.top);
  heap.writeBigUInt64LE(BASE + BigInt(size), HEAD.populated);
}
