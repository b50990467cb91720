type UserNamespaces = typeof import('./user-namespaces.chunk.ts');

let loaded: UserNamespaces | undefined;

/** What a container with a user namespace or mapped ids needs besides; read at first need. */
export function userNamespaces(): UserNamespaces {
  loaded ??= load('runtime/user-namespace/user-namespaces.chunk.js') as UserNamespaces;
  return loaded;
}
