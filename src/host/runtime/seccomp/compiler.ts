type Compiler = typeof import('./seccomp.chunk.ts');

let loaded: Compiler | undefined;

/** Parses and compiles profiles; read at first need. */
export function seccompCompiler(): Compiler {
  loaded ??= load('runtime/seccomp/seccomp.chunk.js') as Compiler;
  return loaded;
}
