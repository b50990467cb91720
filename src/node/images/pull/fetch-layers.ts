import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { DiffId } from '../../../pure/base/digest.ts';
import { blobFile } from '../../../pure/store/layout.ts';
import type { Descriptor } from '../../../pure/spec/image.ts';
import type { Registry } from '../../registry/registry.ts';
import type { SpooledFile } from '../archive/spooled-file.ts';
import type { LoadSession } from '../disk/load-session.ts';
import type { Store } from '../disk/open-store.ts';
import type { LayerBuilder } from '../layers/layer-builder.ts';
import { receiveLayer } from '../layers/receive-layer.ts';
import type { TypedFile } from '../manifest/archive-image.ts';
import { inParallel } from './in-parallel.ts';
import type { WatchLayer } from '../layer-progress.ts';

export interface WantedLayer {
  readonly descriptor: Descriptor;
  readonly diffId: DiffId;
}

export interface Fetching {
  readonly registry: Registry;
  readonly store: Store;
  readonly session: LoadSession;
  readonly builder: LayerBuilder;
  readonly watch: WatchLayer;
  /** Layers that come at the same time. */
  readonly parallel: number;
}

/** Fetches the layers that the store lacks, each converted while it comes. The blobs, in the given order. */
export async function fetchLayers(
  fetching: Fetching,
  layers: readonly WantedLayer[],
): Promise<readonly TypedFile[]> {
  const { watch } = fetching;
  // An image may list one layer several times, as an empty one.
  const byDigest = new Map(layers.map((layer) => [`${layer.descriptor.digest} ${layer.diffId}`, layer]));
  for (const { descriptor } of layers) {
    watch({ digest: descriptor.digest, state: 'waiting', current: 0, total: descriptor.size });
  }
  const files = await inParallel(fetching.parallel, [...byDigest], async ([key, layer]) => {
    return [key, await fetchLayer(fetching, layer)] as const;
  });
  const found = new Map(files);
  return layers.flatMap(({ descriptor, diffId }) => {
    const file = found.get(`${descriptor.digest} ${diffId}`);
    return file === undefined ? [] : [{ file, mediaType: descriptor.mediaType }];
  });
}

async function fetchLayer(fetching: Fetching, { descriptor, diffId }: WantedLayer): Promise<SpooledFile> {
  const { registry, store, session, builder, watch } = fetching;
  const { digest, size } = descriptor;
  const present = storedBlob(store, descriptor);
  if (present !== undefined) {
    watch({ digest, state: 'present', current: size, total: size });
    return present;
  }
  const bytes = watched(registry.readBlob({ digest, size, from: 0 }), descriptor, watch);
  const received = await receiveLayer(session, { digest, size, diffId, bytes }, !builder.has(diffId));
  builder.adopt(diffId, received);
  watch({ digest, state: 'done', current: size, total: size });
  return received.blob;
}

/** A blob that the store has already. */
function storedBlob({ db, root }: Store, { digest, size }: Descriptor): SpooledFile | undefined {
  if (db.query('SELECT 1 FROM contents WHERE digest = ? AND size = ?', [digest, size]).length === 0) {
    return undefined;
  }
  const path = join(root, blobFile(digest));
  return statSync(path, { throwIfNoEntry: false })?.size === size ? { path, digest, size } : undefined;
}

async function* watched(
  bytes: AsyncIterable<Uint8Array>,
  { digest, size }: Descriptor,
  watch: WatchLayer,
): AsyncGenerator<Uint8Array> {
  let current = 0;
  for await (const chunk of bytes) {
    current += chunk.length;
    watch({ digest, state: 'downloading', current, total: size });
    yield chunk;
  }
}
