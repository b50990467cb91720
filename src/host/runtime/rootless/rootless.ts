type Rootless = typeof import('./rootless.chunk.ts');

/** What is otherwise where the caller's root isn't the machine's; read only there. */
export function rootlessModule(): Rootless {
  return load('runtime/rootless/rootless.chunk.js') as Rootless;
}
