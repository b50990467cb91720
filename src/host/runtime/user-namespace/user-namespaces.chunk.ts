export { admit, forkIntoNamespaces } from './fork.ts';
export { writeMappings } from './mappings.ts';
export { openSources, Sources } from './sources.ts';
