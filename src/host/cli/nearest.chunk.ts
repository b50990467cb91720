/** The candidate that takes the fewest changes of letters to become, if those are few; what begins alike counts as near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: distanceOf(word, candidate) }))
    .toSorted((a, b) => a.distance - b.distance);
  const [best] = ranked;
  if (best === undefined) return undefined;
  if (best.distance <= Math.max(1, Math.floor(word.length / 3))) return best.candidate;
  return candidates.find((candidate) => word.length > 3 && candidate.startsWith(word));
}

/** Letters to insert, remove, replace or swap with their neighbour. */
function distanceOf(from: string, to: string): number {
  let before: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      const choices = [
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isSame ? 0 : 1),
      ];
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        choices.push((before[column - 2] ?? 0) + 1);
      }
      current.push(Math.min(...choices));
    }
    [before, last] = [last, current];
  }
  return last[to.length] ?? 0;
}
