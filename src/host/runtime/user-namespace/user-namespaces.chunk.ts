export { admit, forkAsUser, forkIntoNamespaces } from './fork.ts';
export { makeUserNamespace, writeMappings } from './mappings.ts';
export { ownNamespacesOf } from './own-namespaces.ts';
export { openSources, Sources } from './sources.ts';
