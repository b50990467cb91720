import { closeSync, ftruncateSync, openSync, rmSync } from 'node:fs';
import { LayerConverter } from '../../../pure/archive/layer-converter.ts';
import type { Digest } from '../../../pure/base/digest.ts';
import { isCortenError } from '../../../pure/base/errors.ts';
import { layerLimits } from '../archive/limits.ts';
import { aboutStream } from '../archive/tar-fault.ts';
import type { LoadSession, OpenedFile } from '../disk/load-session.ts';
import { DescriptorFile } from './descriptor-file.ts';

export interface LayerImage {
  /** The EROFS file, in the session's folder. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly digest: Digest;
  /** Bytes of the uncompressed tar. */
  readonly tarSize: number;
  /** Whether the layer is the same whatever lies below it. */
  readonly standsAlone: boolean;
}

/**
 * The EROFS file of a layer whose tar arrives. It may have to wait for the layers below, which is rare: what builds
 * images by running commands puts the directories above a file into the file's own layer. Whoever makes one disposes of
 * it, which removes what was not finished; else the session does.
 */
export class GrowingLayer {
  readonly #file: OpenedFile;
  readonly #image: DescriptorFile;
  readonly #name: string;
  readonly #session: LoadSession;
  #converter: LayerConverter | undefined;
  #isOpen = true;

  /** `name` is what the layer is called in errors; `lowers` are the EROFS files below, if they are known, bottom first. */
  constructor(session: LoadSession, name: string, lowers?: readonly DescriptorFile[]) {
    this.#session = session;
    this.#name = name;
    this.#file = session.createFile();
    session.keepUntilEnd(this);
    this.#image = new DescriptorFile(this.#file.fd);
    const limits = { entries: layerLimits().entries };
    this.#converter = new LayerConverter(this.#image, lowers === undefined ? { limits } : { limits, lowers });
  }

  push(bytes: Uint8Array): void {
    this.#unlessLost((converter) => converter.push(bytes));
  }

  /** The tar is over: whether the file can be finished, when the layers below are known, or only made anew. */
  end(): 'whole' | 'waiting' | 'lost' {
    const isWaiting = this.#unlessLost((converter) => converter.end());
    if (isWaiting === undefined) return 'lost';
    return isWaiting ? 'waiting' : 'whole';
  }

  /** undefined if the layer has to be made anew with the layers below known from its beginning. */
  finish(tarSize: number, lowers?: readonly string[]): LayerImage | undefined {
    using below = openLowers(lowers ?? []);
    const files = lowers === undefined ? undefined : below.files;
    const made = this.#unlessLost((converter) => converter.finish(files));
    if (made === undefined) return undefined;
    const { size, usedLowers } = made;
    // The writer may leave zeros at the end out.
    ftruncateSync(this.#file.fd, size);
    const digest = this.#image.digest(size);
    this.#close();
    const { path } = this.#file;
    this.#session.sealer.begin(path);
    return { path, size, digest, tarSize, standsAlone: !usedLowers };
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    rmSync(this.#file.path, { force: true });
    this.#close();
  }

  #close(): void {
    this.#isOpen = false;
    this.#converter = undefined;
    closeSync(this.#file.fd);
  }

  #unlessLost<T>(work: (converter: LayerConverter) => T): T | undefined {
    const converter = this.#converter;
    if (converter === undefined) return undefined;
    try {
      return aboutStream(this.#name, () => work(converter));
    } catch (error) {
      if (!isCortenError(error) || error.code !== 'ARCHIVE_NEEDS_LOWERS') throw error;
      this.#converter = undefined;
      return undefined;
    }
  }
}

interface OpenLowers {
  readonly files: readonly DescriptorFile[];
  [Symbol.dispose](): void;
}

/** The EROFS files at these paths. */
export function openLowers(paths: readonly string[]): OpenLowers {
  const descriptors: number[] = [];
  const close = (): void => {
    for (const fd of descriptors) closeSync(fd);
  };
  try {
    for (const path of paths) descriptors.push(openSync(path, 'r'));
  } catch (error) {
    close();
    throw error;
  }
  return { files: descriptors.map((fd) => new DescriptorFile(fd)), [Symbol.dispose]: close };
}
