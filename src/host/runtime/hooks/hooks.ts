type HooksModule = typeof import('./hooks.chunk.ts');

/** Parses and runs hooks; read where a container has any. */
export function hooksModule(): HooksModule {
  return load('runtime/hooks/hooks.chunk.js') as HooksModule;
}
