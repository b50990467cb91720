import type { IdMapping } from '../../pure/spec/runtime.ts';
import type { Fd } from '../kernel/files.ts';
import { userNamespaces } from './user-namespace/user-namespaces.ts';

/** A new user namespace with these mappings, that lives as long as the descriptor and whoever is in it. */
export function userNamespaceOf(mappings: {
  readonly uidMappings: readonly IdMapping[];
  readonly gidMappings: readonly IdMapping[];
}): Fd {
  return userNamespaces().makeUserNamespace(mappings);
}
