export { admit, forkAsUser, forkIntoNamespaces } from './fork.ts';
export { writeMappings } from './mappings.ts';
export { ownNamespacesOf } from './own-namespaces.ts';
export { openSources, Sources } from './sources.ts';
