import { isCortenError } from '../../../pure/base/errors.ts';
import { collectGarbage } from '../../../pure/store/collect-garbage.ts';
import { endLeases, keepLeasesOf } from '../../../pure/store/leases.ts';
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

/**
 * Does work that brings files into the store; what it leaves in its folder goes at its end or by the signal. Of work
 * that a bad connection or a signal ended, the blobs and layers that are whole stay for a while.
 */
export async function inSession<T>(
  { root, signal }: { readonly root: string; readonly signal: AbortSignal },
  work: (working: Working) => Promise<T>,
): Promise<T> {
  try {
    using store = openStore(root);
    using session = new LoadSession(root, (living) => keepLeasesOf(store.db, living));
    signal.addEventListener('abort', () => session[Symbol.dispose]());
    if (session.swept > 0) repairStore(store);
    return await clearing(store, session, () => work({ store, session }));
  } catch (error) {
    throw explainDisk(error, root);
  }
}

async function clearing<T>(store: Store, session: LoadSession, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work();
    clear(store, session, true);
    return result;
  } catch (error) {
    clear(store, session, !mayGoOn(error));
    throw error;
  }
}

/** An image that the store had keeps its own manifest and blobs: those that came are left over. */
function clear(store: Store, session: LoadSession, isForgotten: boolean): void {
  try {
    endLeases(store.db, session.name, isForgotten);
    collectGarbage(store.db, store.files);
  } catch (error) {
    // On a full disk, say. What happened before is what counts, and the next session clears up after this one.
    if (!isCortenError(error)) throw error;
  }
}

/** Failures that have nothing to do with what came. */
const PASSING: ReadonlySet<string> = new Set([
  'REGISTRY_UNREACHABLE',
  'REGISTRY_FAILED',
  'REGISTRY_RATE_LIMITED',
  'REGISTRY_UNAUTHORIZED',
]);

/** Whether the same again may go on where this ended. */
export function mayGoOn(error: unknown): boolean {
  if (isCortenError(error)) return PASSING.has(error.code);
  return error instanceof Error && error.name === 'AbortError';
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
}
