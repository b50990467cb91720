/**
 * QuickJS finds the shape of a new object by a hash that begins with the address of its prototype (quickjs.c,
 * shape_initial_hash): where prototypes move, the hashes are made anew.
 */

/** struct JSShape, whose properties follow its own hash table, in words of 4 bytes each pair: flags, atom. */
const SHAPE = { isHashed: 16, hash: 20, mask: 24, count: 32, next: 40, prototype: 48, table: 56 };
/** JS_GC_OBJ_TYPE_SHAPE, in the head before it. */
const SHAPE_TYPE = 2;
const MULTIPLIER = 0x61c88647;
const FLAGS_SHIFT = 26;

/** The heap's shapes, and the table that finds them: struct JSRuntime has its bits, size, count and address. */
export function readShapes(view, { runtime, length, place }) {
  const found = [];
  for (let at = runtime; at < runtime + length - 24; at += 4) {
    const [bits, size, count] = [0, 4, 8].map((offset) => view.getUint32(at + offset, true));
    const isTable = bits > 0 && bits < 20 && size === 2 ** bits && count > 0 && count * 2 <= size + 2;
    const address = Math.ceil((at + 12) / 8) * 8;
    if (isTable && place(address) !== undefined) found.push({ bits, size, count, at: place(address) });
  }
  if (found.length !== 1) throw new Error(`${found.length} words of the runtime look like its table of shapes`);
  const [table] = found;
  const shapes = [];
  for (let bucket = 0; bucket < table.size; bucket++) {
    for (let at = place(table.at + bucket * 8); at !== undefined; at = place(at + SHAPE.next)) shapes.push(at);
  }
  if (shapes.length !== table.count) throw new Error(`${shapes.length} shapes are not the ${table.count} of the table`);
  return { ...table, shapes };
}

/** The hash of a shape for a prototype at an address, 0n for none. */
export function hashOf(view, shape, prototype) {
  const step = (hash, value) => Math.imul(hash + value, MULTIPLIER) >>> 0;
  let hash = step(step(1, Number(prototype & 0xffffffffn)), Number(prototype >> 32n));
  const properties = shape + SHAPE.table + (view.getUint32(shape + SHAPE.mask, true) + 1) * 4;
  const count = view.getUint32(shape + SHAPE.count, true);
  for (let at = properties; at < properties + count * 8; at += 8) {
    hash = step(step(hash, view.getUint32(at + 4, true)), view.getUint32(at, true) >>> FLAGS_SHIFT);
  }
  return hash;
}

export function storedHash(view, shape) {
  return view.getUint32(shape + SHAPE.hash, true);
}

export function prototypeOf(view, shape) {
  return view.getBigUint64(shape + SHAPE.prototype, true);
}

/** Writes the hashes of shapes that have moved, and their table; `addressOf` a place. */
export function writeShapes(view, { at, bits, size, shapes }, addressOf) {
  for (let bucket = 0; bucket < size; bucket++) view.setBigUint64(at + bucket * 8, 0n, true);
  for (const shape of shapes) {
    const hash = hashOf(view, shape, prototypeOf(view, shape));
    const head = at + (hash >>> (32 - bits)) * 8;
    view.setUint32(shape + SHAPE.hash, hash, true);
    view.setBigUint64(shape + SHAPE.next, view.getBigUint64(head, true), true);
    view.setBigUint64(head, addressOf(shape), true);
  }
}

/** Whether the place is the link of a shape that the table no longer has. */
export function isStaleLink(view, block, at) {
  const shape = block + 8;
  const isShape = (view.getUint8(block + 3) & 0x7f) === SHAPE_TYPE;
  return isShape && at === shape + SHAPE.next && view.getUint8(shape + SHAPE.isHashed) === 0;
}

/** Words that depend on addresses without being one. */
export function wordsOf({ at, size, shapes }) {
  const table = Array.from({ length: size }, (_, bucket) => at / 8 + bucket);
  return new Set([...table, ...shapes.flatMap((shape) => [SHAPE.next, SHAPE.hash - 4].map((offset) => (shape + offset) / 8))]);
}
