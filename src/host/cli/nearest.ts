type Nearest = typeof import('./nearest.chunk.ts');

/** `; did you mean NAME?`, or nothing where no known word is near. */
export function orNearest(word: string, known: () => Iterable<string>): string {
  const { nearestTo } = load('cli/nearest.chunk.js') as Nearest;
  const name = nearestTo(word, known());
  return name === undefined ? '' : `; did you mean ${name}?`;
}
