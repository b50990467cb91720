/** Whether a text fits a pattern of Go's path.Match: `*` and `?` stop at `/`, `[a-z]` is one of a set. */
export function matchesGlob(pattern: string, text: string): boolean {
  return expressionOf(pattern).test(text);
}

function expressionOf(pattern: string): RegExp {
  const source = pattern.replace(
    /\\(.)|\[(\^?)((?:\\.|[^\]\\])+)\]|[^]/gu,
    (part, ...parts: readonly (string | undefined)[]) => {
      const [escaped, not = '', set] = parts;
      if (escaped !== undefined) return literal(escaped);
      if (set !== undefined)
        return `[${not}${set.replace(/\\(.)|[[\]^]/g, (one, inner: string | undefined) => `\\${inner ?? one}`)}]`;
      if (part === '*') return '[^/]*';
      return part === '?' ? '[^/]' : literal(part);
    },
  );
  try {
    return new RegExp(`^${source}$`, 'u');
  } catch {
    // A set such as [z-a]: it fits nothing.
    return /^(?!)/;
  }
}

function literal(character: string): string {
  return /[\^$\\.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}
