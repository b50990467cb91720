type TimeNamespaces = typeof import('./time-namespace.chunk.ts');

/** Makes and joins time namespaces; read where a container has one. */
export function timeNamespaces(): TimeNamespaces {
  return load('runtime/time-namespace/time-namespace.chunk.js') as TimeNamespaces;
}
