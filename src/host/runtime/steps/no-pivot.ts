type NoPivotModule = typeof import('./no-pivot.chunk.ts');

/** Read with --no-pivot alone. */
export function noPivotModule(): NoPivotModule {
  return load('runtime/steps/no-pivot.chunk.js') as NoPivotModule;
}
