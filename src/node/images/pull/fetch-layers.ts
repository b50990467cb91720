import { ftruncateSync, rmSync } from 'node:fs';
import type { DiffId } from '../../../pure/base/digest.ts';
import type { Descriptor } from '../../../pure/spec/image.ts';
import type { Registry } from '../../registry/registry.ts';
import { ABSENT, type SpooledFile } from '../archive/spooled-file.ts';
import { Download } from '../disk/downloads.ts';
import { mayGoOn } from '../disk/in-session.ts';
import type { LoadSession } from '../disk/load-session.ts';
import { leaseBlob, publishLayer } from '../disk/publish-layer.ts';
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
  readonly signal: AbortSignal;
  /** Whether a blob is wanted though the layer that it makes is there. */
  readonly keepsBlobs: boolean;
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
  // The largest takes longest, whatever comes beside it.
  const order = [...byDigest].toSorted(([, a], [, b]) => b.descriptor.size - a.descriptor.size);
  const files = await inParallel(fetching.parallel, order, async ([key, layer]) => {
    return [key, await fetchLayer(fetching, layer)] as const;
  });
  const found = new Map(files);
  return layers.flatMap(({ descriptor, diffId }) => {
    const file = found.get(`${descriptor.digest} ${diffId}`);
    return file === undefined ? [] : [{ file, mediaType: descriptor.mediaType }];
  });
}

async function fetchLayer(fetching: Fetching, layer: WantedLayer): Promise<SpooledFile> {
  const { store, session, builder, keepsBlobs } = fetching;
  const { descriptor, diffId } = layer;
  if (!keepsBlobs && builder.trust(descriptor, diffId)) {
    return tellPresent(fetching, { path: ABSENT, digest: descriptor.digest, size: descriptor.size });
  }
  const present = leaseBlob(store, session, layer.descriptor);
  if (present !== undefined) return tellPresent(fetching, present);
  const { digest } = layer.descriptor;
  using download = await Download.begin({ root: store.root, digest, signal: fetching.signal });
  // Another process brought it meanwhile.
  const arrived = leaseBlob(store, session, layer.descriptor);
  if (arrived !== undefined) return tellPresent(fetching, arrived);
  return await fetchInto(fetching, layer, download);
}

function tellPresent({ watch }: Fetching, file: SpooledFile): SpooledFile {
  const { digest, size } = file;
  watch({ digest, state: 'present', current: size, total: size });
  return file;
}

async function fetchInto(
  fetching: Fetching,
  layer: WantedLayer,
  download: Pick<Download, 'fd' | 'path' | 'there'>,
): Promise<SpooledFile> {
  try {
    return await receive(fetching, layer, download);
  } catch (error) {
    if (mayGoOn(error)) throw error;
    if (download.there === 0) {
      rmSync(download.path, { force: true });
      throw error;
    }
    // What was there from another time may be what is wrong.
    const { fd, path } = download;
    ftruncateSync(fd);
    return await fetchInto(fetching, layer, { fd, path, there: 0 });
  }
}

async function receive(
  { registry, store, session, builder, watch }: Fetching,
  { descriptor, diffId }: WantedLayer,
  download: Pick<Download, 'fd' | 'path' | 'there'>,
): Promise<SpooledFile> {
  const { digest, size } = descriptor;
  const bytes = (from: number): AsyncIterable<Uint8Array> =>
    watched(registry.readBlob({ digest, size, from }), { descriptor, from }, watch);
  const arriving = { digest, size, diffId, download, bytes };
  const whole = await receiveLayer(session, arriving, !builder.has(diffId));
  const received = await publishLayer(store, session, { descriptor, diffId, received: whole });
  builder.adopt(diffId, received);
  watch({ digest, state: 'done', current: size, total: size });
  return received.blob;
}

async function* watched(
  bytes: AsyncIterable<Uint8Array>,
  { descriptor, from }: { readonly descriptor: Descriptor; readonly from: number },
  watch: WatchLayer,
): AsyncGenerator<Uint8Array> {
  const { digest, size } = descriptor;
  let current = from;
  for await (const chunk of bytes) {
    current += chunk.length;
    watch({ digest, state: 'downloading', current, total: size });
    yield chunk;
  }
}
