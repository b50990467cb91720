type Chunk = typeof import('./mapped-parts.chunk.ts');

/** Mounts with the ids of a user namespace; read where a container has one. */
export function mappedPartsModule(): Chunk {
  return load('snapshot/mounts/mapped-parts.chunk.js') as Chunk;
}
