import { statSync } from 'node:fs';
import { join } from 'node:path';
import { toChainId, type ChainId, type DiffId } from '../../../pure/base/digest.ts';
import { invariant } from '../../../pure/base/errors.ts';
import type { Descriptor } from '../../../pure/spec/image.ts';
import { inPassingTransaction } from '../../../pure/store/database.ts';
import { layerFile } from '../../../pure/store/layout.ts';
import { findLayer, tarSizeOf } from '../../../pure/store/layers-of.ts';
import { lease } from '../../../pure/store/leases.ts';
import { digestOfText } from '../archive/digest-stream.ts';
import { ABSENT, type SpooledFile } from '../archive/spooled-file.ts';
import type { StagedLayer } from '../disk/commit-images.ts';
import type { LoadSession } from '../disk/load-session.ts';
import type { Store } from '../disk/open-store.ts';
import { convertLayer } from './convert-layer.ts';
import type { GrowingLayer, LayerImage } from './growing-layer.ts';
import { provenTarSize } from './proven-layer.ts';
import { checkLayer, type LayerStream } from './layer-stream.ts';
import type { ReceivedLayer } from './receive-layer.ts';

export interface LayerSource {
  readonly blob: SpooledFile;
  readonly diffId: DiffId;
  readonly chainId: ChainId;
}

export interface BuiltLayer extends StagedLayer {
  readonly diffId: DiffId;
  readonly chainId: ChainId;
  /** Bytes of the uncompressed tar. */
  readonly tarSize: number;
}

interface WaitingLayer {
  readonly layer: GrowingLayer;
  /** Bytes. */
  readonly tarSize: number;
}

/** Makes each layer of a load once, unless the store has it. */
export class LayerBuilder {
  readonly #store: Store;
  readonly #session: LoadSession;
  /** By the file that it gets in the store. */
  readonly #staged = new Map<string, StagedLayer>();
  /** Bytes of the tar, by blob and DiffID: such a blob has been read and found right. */
  readonly #checked = new Map<string, number>();
  /** By the same. */
  readonly #waiting = new Map<string, WaitingLayer>();

  constructor(store: Store, session: LoadSession) {
    this.#store = store;
    this.#session = session;
  }

  /** The layer as an EROFS file; `lowers` are those below it, bottom first. */
  async build(source: LayerSource, lowers: readonly BuiltLayer[]): Promise<BuiltLayer> {
    const { diffId, chainId } = source;
    const stackFile = layerFile(lowers.length === 0 ? bottomKey(diffId) : chainId);
    const known = this.#find(layerFile(diffId)) ?? this.#find(stackFile);
    if (known !== undefined) return { ...known, diffId, chainId, tarSize: await this.#check(source) };
    const below = lowers.map((layer) => this.#pathOf(layer));
    const converted = this.#finish(source, below) ?? (await convertLayer(this.#session, source, below));
    const { tarSize, standsAlone, ...rest } = converted;
    const staged = { ...rest, file: standsAlone ? layerFile(diffId) : stackFile };
    this.#staged.set(staged.file, staged);
    this.#checked.set(checkKey(source), tarSize);
    return { ...staged, diffId, chainId, tarSize };
  }

  /** Whether a layer that arrives needs no conversion of its own. */
  has(diffId: DiffId): boolean {
    return this.#find(layerFile(diffId)) !== undefined;
  }

  /** Whether a layer is there already, found right when it came: its blob need not be read. */
  trust({ digest, size }: Descriptor, diffId: DiffId): boolean {
    const tarSize = tarSizeOf(this.#store.db, diffId);
    if (tarSize === undefined || !this.has(diffId)) return false;
    this.#checked.set(checkKey({ blob: { path: ABSENT, digest, size }, diffId }), tarSize);
    return true;
  }

  /** Takes a layer that was converted and checked while it arrived. */
  adopt(diffId: DiffId, { blob, tarSize, image, waiting }: ReceivedLayer): void {
    const key = checkKey({ blob, diffId });
    this.#checked.set(key, tarSize);
    if (waiting !== undefined) this.#waiting.set(key, { layer: waiting, tarSize });
    const file = layerFile(diffId);
    if (image === undefined || this.#staged.has(file)) return;
    const { path, size, digest } = image;
    this.#staged.set(file, { file, path, size, digest });
  }

  /** Finishes a layer that has waited for those below it. */
  #finish(source: LayerSource, below: readonly string[]): LayerImage | undefined {
    const key = checkKey(source);
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) return undefined;
    this.#waiting.delete(key);
    using layer = waiting.layer;
    return layer.finish(waiting.tarSize, below);
  }

  #find(file: string): StagedLayer | undefined {
    const staged = this.#staged.get(file);
    if (staged !== undefined) return staged;
    const { db } = this.#store;
    const stored = inPassingTransaction(db, () => {
      const layer = findLayer(db, file);
      // Nobody may collect what is counted on.
      if (layer !== undefined) lease(db, this.#session.name, file);
      return layer;
    });
    const there = statSync(join(this.#store.root, file), { throwIfNoEntry: false });
    if (stored === undefined || there?.size !== stored.size) return undefined;
    return { ...stored, path: undefined };
  }

  /** The blob has to be what the configuration says even where its conversion can be spared. */
  async #check(source: LayerSource): Promise<number> {
    const key = checkKey(source);
    const { blob, diffId } = source;
    const known = this.#checked.get(key) ?? provenTarSize(this.#store, blob.digest, diffId);
    const size = known ?? (await checkLayer(source));
    this.#checked.set(key, size);
    return size;
  }

  #pathOf(layer: BuiltLayer): string {
    return layer.path ?? join(this.#store.root, layer.file);
  }
}

/**
 * Names a bottom layer that would be another on top of others, as one that has `d/f` and no `d`. Its ChainID is its
 * DiffID, under which those others would find it.
 */
function bottomKey(diffId: DiffId): ChainId {
  const key = toChainId(digestOfText(` ${diffId}`));
  invariant(key !== undefined, 'a digest is no ChainID');
  return key;
}

function checkKey({ blob, diffId }: LayerStream): string {
  return `${blob.digest} ${diffId}`;
}
