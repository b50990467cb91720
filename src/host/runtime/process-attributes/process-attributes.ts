type AttributesModule = typeof import('./process-attributes.chunk.ts');

/** Parses and applies how a process is scheduled; read where a document says it. */
export function attributesModule(): AttributesModule {
  return load('runtime/process-attributes/process-attributes.chunk.js') as AttributesModule;
}
