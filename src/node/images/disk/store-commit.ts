import { commitImages, stagedFiles, type Commit } from './commit-images.ts';
import type { Working } from './in-session.ts';
import { repairStore } from './open-store.ts';

/** Brings files of the session and images of them into the store, all or none. */
export async function storeCommit({ store, session }: Working, commit: Commit): Promise<void> {
  // Files of the store itself are sealed.
  await session.sealer.finish(stagedFiles(commit).filter((path) => path.startsWith(session.folder)));
  try {
    commitImages(store, commit);
  } catch (error) {
    repairStore(store);
    throw error;
  }
}
