import { baseOf, BLOCK_HEAD, blockSize, CELL_SIZES, classOf, FIRST_BLOCK, HEAD, listsOf, NO_CELL, PAGE, readBlocks, SLAB, viewOf, writeCell, writeSlab } from './heap-blocks.mjs';
import { hashOf, isStaleLink, prototypeOf, readShapes, storedHash, wordsOf, writeShapes } from './heap-shapes.mjs';

/** The rank of what no idle process writes to. */
export const COLD = 2;
/** Bytes that a heap may have. */
const MOST = 64 << 20;
/** Of the cells that new values fill, as many more. */
const RESERVE = 1.25;

/**
 * Lays a heap out anew: what is written to comes first, by the rank that `ranks` has for its place, so that few pages
 * become a process's own. `fresh` says how many new cells of each size a process makes.
 */
export function layOut(heap, { ranks, fresh }) {
  return place(heap, (blocks) => partsOf(blocks, ranks, fresh));
}

/** A heap with each block and cell on a page of its own, and where on which page's place was what. */
export function spread(heap) {
  return place(heap, ({ large, cells }) => [
    ...large.map((block, index) => ({ block, isApart: index > 0 })),
    ...[...cells].flatMap(([size, list]) => list.filter(({ isFree }) => !isFree).map((cell) => ({ size, cells: [cell], count: 1, isApart: true }))),
  ]);
}

/** Each part moves to the place that its turn gives it, and with it the words that `pointers` marks. */
function place({ entry, heap, moved, pointers, odd }, choose) {
  const base = baseOf(heap);
  const blocks = readBlocks(heap, base);
  const shapes = checkedShapes(heap, { blocks, base });
  const image = new Image(base);
  image.copyHead(heap);
  const parts = choose(blocks).map((part) => ({ ...part, at: image.take(part) }));
  const pieces = parts.flatMap(piecesOf).toSorted((a, b) => a.from - b.from);
  const moves = new Moves(pieces, base);
  checkOdd(odd, { heap, moves, shapes });
  for (const piece of pieces) image.copy(heap, piece, (word) => (pointers[word] === 1 ? moves.address(heap[word]) : heap[word]));
  image.writeSlabs(parts, moves.place(blocks.runtime));
  const { at, shapes: all, ...table } = shapes;
  writeShapes(image.view, { ...table, at: moves.place(at), shapes: all.map((shape) => moves.place(shape)) }, (place) => base + BigInt(place));
  const words = image.finish();
  const newEntry = entry.slice();
  newEntry[0] = moves.address(entry[0]);
  newEntry[1] = moves.address(entry[1]);
  newEntry[6] = BigInt(words.byteLength);
  return { entry: newEntry, heap: words, moved: moves.words(moved), pieces };
}

/** What depends on the heap's address without being one is made anew, or nobody reads it. */
function checkOdd(odd, { heap, moves, shapes }) {
  const rewritten = wordsOf(shapes);
  const view = viewOf(heap);
  const strange = odd.find((word) => {
    const block = moves.blockOf(word * 8);
    return block !== undefined && !rewritten.has(word) && !isStaleLink(view, block, word * 8);
  });
  if (strange !== undefined) throw new Error(`Word ${strange} of the heap depends on its address and isn't one`);
}

function checkedShapes(heap, { blocks, base }) {
  const view = viewOf(heap);
  const [{ at: runtime, length }] = blocks.large;
  const place = (at) => {
    const offset = heap[at / 8] - base;
    return offset > 0n && offset < BigInt(heap.byteLength) ? Number(offset) : undefined;
  };
  const shapes = readShapes(view, { runtime, length, place });
  for (const shape of shapes.shapes) {
    if (hashOf(view, shape, prototypeOf(view, shape)) !== storedHash(view, shape)) throw new Error(`The shape at ${shape} isn't hashed as quickjs.c does`);
  }
  return shapes;
}

/** Large blocks and slabs of cells, in their new order. */
function partsOf({ large, cells }, ranks, fresh) {
  const rankOf = ({ at }) => ranks.get(at) ?? COLD;
  const [runtime, ...others] = large.map((block) => ({ rank: rankOf(block), block }));
  const slabs = [...cells].flatMap(([size, list]) => slabsOf(size, list.map((cell) => ({ ...cell, rank: rankOf(cell) })), fresh.get(size) ?? 0));
  return [runtime, ...[...others, ...slabs].toSorted((a, b) => a.rank - b.rank)];
}

/** New slabs of the used cells: those that are written to, with room for new ones, and full ones of the others. */
function slabsOf(size, cells, fresh) {
  const most = Math.floor((SLAB.most - SLAB.cells) / size);
  const used = cells.filter(({ isFree }) => !isFree).toSorted((a, b) => a.rank - b.rank);
  const hot = used.filter(({ rank }) => rank < COLD);
  const parts = chunks(hot, most).map((list) => ({ rank: list[0].rank, size, cells: list, count: list.length }));
  const room = fresh === 0 ? 0 : Math.ceil(fresh * RESERVE) + 1;
  const last = parts.at(-1);
  const inLast = last === undefined ? 0 : Math.min(room, most - last.count);
  if (last !== undefined) last.count = roomy(size, last.count + inLast, most);
  for (let rest = room - inLast; rest > 0; rest -= most) parts.push({ rank: 0, size, cells: [], count: roomy(size, Math.min(rest, most), most) });
  const cold = chunks(used.slice(hot.length), most);
  return [...parts, ...cold.map((list) => ({ rank: COLD, size, cells: list, count: list.length }))];
}

/** As many cells as the arena's block for so many holds. */
function roomy(size, count, most) {
  const length = blockSize(classOf(SLAB.cells + count * size)) - BLOCK_HEAD;
  return Math.min(most, Math.floor((length - SLAB.cells) / size));
}

function chunks(list, most) {
  return Array.from({ length: Math.ceil(list.length / most) }, (_, at) => list.slice(at * most, (at + 1) * most));
}

/** What is copied, from where to where. */
function piecesOf({ block, cells, size, at }) {
  if (block !== undefined) return [{ from: block.at, to: at, length: block.length }];
  return cells.map((cell, number) => ({ from: cell.at, to: at + SLAB.cells + number * size, length: size }));
}

class Image {
  #end = FIRST_BLOCK;

  constructor(base) {
    this.base = base;
    this.words = new BigUint64Array(MOST / 8);
    this.view = viewOf(this.words);
  }

  copyHead(heap) {
    this.words.set(heap.subarray(0, HEAD.free / 8));
  }

  /** Takes a block of the arena for a part: where it is. */
  take({ block, size, count, isApart }) {
    const number = classOf(block?.length ?? SLAB.cells + count * size);
    if (isApart) this.#end = Math.ceil(this.#end / PAGE) * PAGE + 8;
    this.words[this.#end / 8] = BigInt(number);
    const at = this.#end + BLOCK_HEAD;
    this.#end += blockSize(number);
    return at;
  }

  copy(heap, { from, to, length }, valueOf) {
    for (let offset = 0; offset < length; offset += 8) this.words[(to + offset) / 8] = valueOf((from + offset) / 8);
  }

  /** Heads of slabs and cells, and QuickJS's lists of them. */
  writeSlabs(parts, runtime) {
    const slabs = parts.filter(({ cells }) => cells !== undefined);
    for (const { at, size, cells, count } of slabs) {
      writeSlab(this.view, at, { size, used: cells.length, count });
      for (let number = 0; number < count; number++) {
        const following = number === count - 1 ? NO_CELL : number + 1;
        const head = { size, number: number < cells.length ? number : following };
        writeCell(this.view, at + SLAB.cells + number * size, head);
      }
    }
    for (const size of CELL_SIZES) {
      const ofSize = slabs.filter((slab) => slab.size === size);
      const { all, free } = listsOf(runtime, size);
      this.#link(all, ofSize.map(({ at }) => at + SLAB.link));
      this.#link(free, ofSize.filter(({ cells, count }) => cells.length < count).map(({ at }) => at + SLAB.freeLink));
    }
  }

  /** struct list_head: the one before, the one after. */
  #link(head, members) {
    const ring = [head, ...members];
    ring.forEach((at, index) => {
      this.words[at / 8] = this.base + BigInt(ring.at(index - 1));
      this.words[at / 8 + 1] = this.base + BigInt(ring[(index + 1) % ring.length]);
    });
  }

  /** The heap, to the end of a page. */
  finish() {
    const size = Math.ceil((this.#end + 8) / PAGE) * PAGE;
    this.words[HEAD.populated / 8] = this.base + BigInt(size);
    this.words[HEAD.top / 8] = this.base + BigInt(size) + 8n;
    return this.words.slice(0, size / 8);
  }
}

/** From old places to new ones. */
class Moves {
  #pieces;
  #base;

  constructor(pieces, base) {
    this.#pieces = pieces;
    this.#base = base;
  }

  address(old) {
    const at = Number(old - this.#base);
    // The heap's own head stays; an address of nothing that lives is one that nobody follows.
    if (at < this.#pieces[0].from) return old;
    const place = this.place(at);
    return place === undefined ? 0n : this.#base + BigInt(place);
  }

  /** Undefined for what is no part of the new layout. */
  place(at) {
    const piece = this.#pieces[this.#before(at)];
    // One beyond the end, too, where nothing else begins: of an empty table behind a value.
    return piece !== undefined && at <= piece.from + piece.length ? at - piece.from + piece.to : undefined;
  }

  /** Where what lives there begins, with QuickJS's head. */
  blockOf(at) {
    const piece = this.#pieces[this.#before(at)];
    return piece !== undefined && at < piece.from + piece.length ? piece.from : undefined;
  }

  words(list) {
    return Uint32Array.from([...list].map((word) => this.place(word * 8)).filter((at) => at !== undefined).map((at) => at / 8).toSorted((a, b) => a - b));
  }

  #before(at) {
    let [low, high] = [0, this.#pieces.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#pieces[middle].from <= at) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
