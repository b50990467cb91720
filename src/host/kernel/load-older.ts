let loaded: unknown;

/** The chunk older.chunk.ts, once: it knows what it has made. Its type is in older.ts, as it makes system calls itself. */
export function loadOlder(): unknown {
  loaded ??= load('kernel/older.chunk.js');
  return loaded;
}
