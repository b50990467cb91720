type Rare = typeof import('./loop/rare.chunk.ts');

/** Read at first need. */
export function rare(): Rare {
  return load('monitor/loop/rare.chunk.js') as Rare;
}
