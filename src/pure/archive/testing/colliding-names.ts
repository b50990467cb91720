const PRIME = 0x01000193;
const SPREAD = [0x9e3779b1, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f, 0x165667b1, 0xcc9e2d51];

/**
 * 2^11 names that the writer's table of names gives one and the same hash in the root: eleven times two blocks
 * of six characters that lead from one state of FNV-1a to one other (Joux, "Multicollisions in iterated hash
 * functions", 2004).
 */
export function collidingNames(): string[] {
  let names = [''];
  let state = Math.imul(0x9e3779b9, PRIME);
  for (let block = 0; block < 11; block++) {
    const pair = findPair(state);
    state = after(state, pair.first);
    names = names.flatMap((name) => [text(name, pair.first), text(name, pair.second)]);
  }
  return names;
}

function findPair(state: number): { readonly first: number; readonly second: number } {
  const seen = new Map<number, number>();
  for (let block = 0; ; block++) {
    const next = after(state, block);
    const first = seen.get(next);
    if (first !== undefined) return { first, second: block };
    seen.set(next, block);
  }
}

function characters(block: number): number[] {
  // Spread over all: FNV tells texts apart that differ in few characters.
  return SPREAD.map((odd) => 0x80 | (Math.imul(block, odd) >>> 25));
}

function after(state: number, block: number): number {
  return characters(block).reduce((hash, character) => Math.imul(hash ^ character, PRIME), state);
}

function text(name: string, block: number): string {
  return name + String.fromCharCode(...characters(block));
}
