import { BASE, HEADER, runtimeOf } from './heap-blocks.mjs';

/**
 * QuickJS finds an object's shape by a hash of its prototype's address: whoever moves prototypes has to enter the
 * shapes anew. JSShape, JSShapeProperty, shape_hash, get_shape_hash and JSRuntime.shape_hash_bits to shape_hash in
 * quickjs.c, hash32 in cutils.h.
 */
const SHAPE = { isHashed: 16, hash: 20, mask: 24, count: 32, next: 40, prototype: 48, table: 56 };
const FLAGS_SHIFT = 26;
const MULTIPLIER = 0x61c8_8647;
const LEAST_BITS = 4;
const MOST_BITS = 20;

/** The shapes, by the places of their structures, that the runtime's table has. */
export function hashedShapes(heap, shapes) {
  return shapes.map(({ at }) => at + HEADER).filter((shape) => heap[shape + SHAPE.isHashed] === 1);
}

/** Throws unless all hashes are what this module takes them for. */
export function checkHashes(heap, shapes) {
  for (const shape of shapes) {
    if (heap.readUInt32LE(shape + SHAPE.hash) !== hashOf(heap, shape)) throw new Error('A shape has another hash than expected');
  }
  tableOf(heap, shapes.length);
}

/** Enters shapes, which lie at these places now, in the runtime's table. */
export function rehash(heap, shapes) {
  const { bits, table } = tableOf(heap, shapes.length);
  heap.fill(0, table, table + 8 * 2 ** bits);
  for (const shape of shapes) {
    const hash = hashOf(heap, shape);
    const bucket = table + 8 * (hash >>> (32 - bits));
    heap.writeUInt32LE(hash, shape + SHAPE.hash);
    heap.writeBigUInt64LE(heap.readBigUInt64LE(bucket), shape + SHAPE.next);
    heap.writeBigUInt64LE(BASE + BigInt(shape), bucket);
  }
}

function hashOf(heap, shape) {
  const add = (hash, value) => Math.imul((hash + value) | 0, MULTIPLIER) >>> 0;
  let hash = add(1, heap.readUInt32LE(shape + SHAPE.prototype));
  hash = add(hash, heap.readUInt32LE(shape + SHAPE.prototype + 4));
  const properties = shape + SHAPE.table + 4 * (heap.readUInt32LE(shape + SHAPE.mask) + 1);
  for (let index = 0; index < heap.readUInt32LE(shape + SHAPE.count); index++) {
    const flags = heap.readUInt32LE(properties + 8 * index) >>> FLAGS_SHIFT;
    hash = add(add(hash, heap.readUInt32LE(properties + 8 * index + 4)), flags);
  }
  return hash;
}

/** In the runtime: the bits, 2 to the power of them, the number of shapes, the address. */
function tableOf(heap, count) {
  const { start, end } = runtimeOf(heap);
  for (let at = start; at < end; at += 4) {
    const bits = heap.readUInt32LE(at);
    const isTable = bits >= LEAST_BITS && bits <= MOST_BITS && heap.readUInt32LE(at + 4) === 2 ** bits;
    if (isTable && heap.readUInt32LE(at + 8) === count) return { bits, table: Number(heap.readBigUInt64LE(at + 12) - BASE) };
  }
  throw new Error('The runtime of a heap has no table of shapes where it is expected');
}
