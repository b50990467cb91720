/**
 * Data types of the OCI image-spec 1.1 (media-types.md, descriptor.md, manifest.md, image-index.md, config.md,
 * image-layout.md) and of `docker save` archives (moby image/spec/v1.2.md), as far as Corten reads or writes them.
 */
import type { DiffId, Digest } from '../base/digest.ts';

export const MEDIA_TYPE_INDEX = 'application/vnd.oci.image.index.v1+json';
export const MEDIA_TYPE_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const MEDIA_TYPE_EMPTY = 'application/vnd.oci.empty.v1+json';
export const MEDIA_TYPE_CONFIG = 'application/vnd.oci.image.config.v1+json';
export const MEDIA_TYPE_LAYER = 'application/vnd.oci.image.layer.v1.tar';
export const MEDIA_TYPE_LAYER_GZIP = 'application/vnd.oci.image.layer.v1.tar+gzip';
export const MEDIA_TYPE_LAYER_ZSTD = 'application/vnd.oci.image.layer.v1.tar+zstd';
export const MEDIA_TYPE_DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
export const MEDIA_TYPE_DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
export const MEDIA_TYPE_DOCKER_CONFIG = 'application/vnd.docker.container.image.v1+json';
export const MEDIA_TYPE_DOCKER_LAYER = 'application/vnd.docker.image.rootfs.diff.tar';
export const MEDIA_TYPE_DOCKER_LAYER_GZIP = 'application/vnd.docker.image.rootfs.diff.tar.gzip';
export const MEDIA_TYPE_DOCKER_LAYER_ZSTD = 'application/vnd.docker.image.rootfs.diff.tar.zstd';

/** annotations.md: the name of a manifest within a layout's index.json. */
export const ANNOTATION_REF_NAME = 'org.opencontainers.image.ref.name';
/** containerd's and Docker's full image name in index.json, where ref.name is the tag alone. */
export const ANNOTATION_IMAGE_NAME = 'io.containerd.image.name';

export const IMAGE_LAYOUT_VERSION = '1.0.0';

/** Words of the publisher's own, by key (annotations.md). */
export type Annotations = Readonly<Record<string, string>>;

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string | undefined;
  /** `os.version`: which Windows. */
  readonly osVersion: string | undefined;
}

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

export interface IndexEntry extends Descriptor {
  readonly platform: Platform | undefined;
  readonly annotations: ReadonlyMap<string, string>;
}

export interface ImageManifest {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** What a container takes from its image (config.md#properties, `config`); absent lists are empty. */
export interface ImageProcess {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly WorkingDir: string;
  readonly StopSignal: string;
  readonly Labels: ReadonlyMap<string, string>;
  readonly ExposedPorts: readonly string[];
  readonly Volumes: readonly string[];
  readonly Healthcheck: ImageHealthcheck | undefined;
}

/** Docker's own part of the configuration (moby, image/spec/v1.2.md). Times in nanoseconds; zero is its default. */
export interface ImageHealthcheck {
  /** NONE, CMD or CMD-SHELL first. */
  readonly Test: readonly string[];
  readonly Interval: number;
  readonly Timeout: number;
  readonly StartPeriod: number;
  readonly StartInterval: number;
  readonly Retries: number;
}

export interface ImageConfig {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string | undefined;
  /** RFC 3339. */
  readonly created: string | undefined;
  readonly config: ImageProcess;
  /** `rootfs.diff_ids`, bottom first. */
  readonly diffIds: readonly DiffId[];
}

/** One image of a docker-archive's manifest.json; the paths are names within the archive. */
export interface DockerArchiveImage {
  readonly Config: string;
  readonly RepoTags: readonly string[];
  readonly Layers: readonly string[];
}
