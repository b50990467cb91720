import type { Fd } from '../kernel/files.ts';

/** What a root file system is made of. */
export interface RootfsRequest {
  /** The store's root, whose file system decides how layers are mounted. */
  readonly store: string;
  /** EROFS files, bottom first. */
  readonly layers: readonly string[];
  /** An ordinary directory below all layers, with the mount points that every container needs. */
  readonly skeleton: string;
  /** The container's directory, open. */
  readonly directory: number;
  /** What the container writes is thrown away with this mount: nothing of it need reach the disk. */
  readonly isVolatile: boolean;
  /** User namespaces whose ids the files get, while on the disk they keep the image's. */
  readonly mapped?: MappedBy | undefined;
  /** Mounts of these layers that somebody else has, by their files; the caller closes those that aren't in the answer. */
  readonly shared?: ReadonlyMap<string, Fd>;
}

/** User namespaces that say which ids files show. */
export interface MappedBy {
  /** The container's. */
  readonly own: Fd;
  /** One more, in which the host's root has an id too: without one it could make nothing, as overlayfs does in its work folder. */
  readonly withHost: Fd;
}

/** Files of an image to look at. */
export interface ImageMountRequest {
  readonly store: string;
  /** EROFS files, bottom first. */
  readonly layers: readonly string[];
  /** A directory below them, which may be empty: an overlay that is only read wants two. */
  readonly bottom: string;
}

/** A layer's detached mount. */
export interface LayerMount {
  /** Its EROFS file. */
  readonly file: string;
  readonly fd: Fd;
}

export interface MountedRootfs {
  /** A detached mount, for the container. */
  readonly root: Fd;
  /** Another of the same file system, which never shows what the container mounts: for cp, diff, export, commit. */
  readonly lease: Fd;
  /** Its layers as far as they are mounts, for others with the same image: one mount has one page cache. */
  readonly layers: readonly LayerMount[];
  /**
   * For the caller to close. Each mount that is closed waits for the whole machine's processors (0.1 to 0.5 ms), so
   * best when nobody else waits.
   */
  readonly spent: readonly Fd[];
}
