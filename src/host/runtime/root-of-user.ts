import { rootlessModule } from './rootless/rootless.ts';

/** Where the state of a user's containers lies who has no folder for such things. Throws RUNTIME_ROOT_FOREIGN. */
export function rootOfUser(uid: number): string {
  return rootlessModule().ownFolder(uid);
}
