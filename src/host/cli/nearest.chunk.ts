/** Loaded where a word is unknown: the one that was probably meant. */
export function nearestTo(word: string, known: Iterable<string>): string | undefined {
  // One slip in short words, two in longer ones.
  const limit = word.length < 4 ? 1 : word.length < 8 ? 2 : 3;
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of known) {
    if (Math.abs(name.length - word.length) > limit) continue;
    const distance = distanceOf(word.toLowerCase(), name.toLowerCase());
    if (distance <= limit && distance < Math.min(word.length, best?.distance ?? Infinity))
      best = { name, distance };
  }
  return best?.name;
}

/** Letters to put in, leave out, change or swap with their neighbour (optimal string alignment). */
function distanceOf(a: string, b: string): number {
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const steps = [(last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (isSame ? 0 : 1)];
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(Math.min(...steps, isSwapped ? (before[j - 2] ?? 0) + 1 : Infinity));
    }
    [before, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
