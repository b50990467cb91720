import { collectGarbage } from '../../../pure/store/collect-garbage.ts';
import { explainDisk } from '../explain-disk.ts';
import type { BuiltImage } from '../layers/build-images.ts';
import { toCommit } from '../layers/to-commit.ts';
import { commitImages, stagedFiles } from './commit-images.ts';
import { LoadSession } from './load-session.ts';
import { openStore, repairStore, type Store } from './open-store.ts';

/** A store, and a folder of one's own in it. */
export interface Working {
  readonly store: Store;
  readonly session: LoadSession;
}

/** Does work that brings files into the store; what it leaves in its folder goes at its end or by the signal. */
export async function inSession<T>(
  { root, signal }: { readonly root: string; readonly signal: AbortSignal },
  work: (working: Working) => Promise<T>,
): Promise<T> {
  try {
    using store = openStore(root);
    using session = new LoadSession(root);
    signal.addEventListener('abort', () => session[Symbol.dispose]());
    if (session.swept > 0) repairStore(store);
    return await work({ store, session });
  } catch (error) {
    throw explainDisk(error, root);
  }
}

/** Brings images whose layers are whole into the store, all or none. */
export async function storeImages({ store, session }: Working, images: readonly BuiltImage[]): Promise<void> {
  const commit = toCommit(images);
  // Files of the store itself are sealed.
  await session.sealer.finish(stagedFiles(commit).filter((path) => path.startsWith(session.folder)));
  try {
    commitImages(store, commit);
  } catch (error) {
    repairStore(store);
    throw error;
  }
  // An image that the store had keeps its own manifest and blobs: those that came are left over.
  collectGarbage(store.db, store.files);
}
