type CopyUp = typeof import('./copy-up.chunk.ts');

/** Fills a new file system with what lies below it; read where a mount asks for it. */
export function copyUpModule(): CopyUp {
  return load('runtime/steps/copy-up.chunk.js') as CopyUp;
}
