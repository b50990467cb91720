import { createHash } from 'node:crypto';
import { tarOf, type TarEntry } from './tar-builder.ts';

export interface TestImage {
  /** Uncompressed layer tars, bottom first. */
  readonly layers: readonly Buffer[];
  readonly compress?: (tar: Buffer) => Buffer;
  readonly layerType?: string;
  readonly architecture?: string;
  /** Changes the configuration before it is hashed. */
  readonly config?: object;
}

export interface BuiltTestImage {
  readonly manifest: Buffer;
  readonly config: Buffer;
  readonly blobs: readonly Buffer[];
  /** The manifest's descriptor. */
  readonly descriptor: { readonly mediaType: string; readonly digest: string; readonly size: number };
}

const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar';

/** One layer with one file. */
export function layerOf(name: string, data: string): Buffer {
  return tarOf([{ name, data }]);
}

export function buildImage(image: TestImage): BuiltTestImage {
  const blobs = image.layers.map(image.compress ?? ((tar) => tar));
  const config = jsonOf({
    os: 'linux',
    architecture: image.architecture ?? 'amd64',
    config: { Cmd: ['/a'] },
    rootfs: { type: 'layers', diff_ids: image.layers.map(digestOf) },
    ...image.config,
  });
  const layers = blobs.map((blob) => descriptorOf(image.layerType ?? LAYER_TYPE, blob));
  const configDescriptor = descriptorOf('application/vnd.oci.image.config.v1+json', config);
  const manifest = jsonOf({ schemaVersion: 2, mediaType: MANIFEST_TYPE, config: configDescriptor, layers });
  return { manifest, config, blobs, descriptor: descriptorOf(MANIFEST_TYPE, manifest) };
}

/** The entries of an OCI archive: the blobs first, as skopeo writes them. */
export function layoutEntries(images: readonly BuiltTestImage[], index: object): readonly TarEntry[] {
  const blobs = images.flatMap(({ manifest, config, blobs: layers }) => [manifest, config, ...layers]);
  const unique = new Map(blobs.map((blob) => [digestOf(blob), blob]));
  return [
    ...[...unique.values()].map(blobEntry),
    { name: 'index.json', data: jsonOf({ schemaVersion: 2, ...index }) },
    { name: 'oci-layout', data: '{"imageLayoutVersion":"1.0.0"}' },
  ];
}

/** An OCI archive of one image. */
export function ociArchive(image: BuiltTestImage, name: string): Buffer {
  return tarOf(layoutEntries([image], { manifests: [named(image, name)] }));
}

export function named(image: BuiltTestImage, name: string): object {
  return { ...image.descriptor, annotations: { 'org.opencontainers.image.ref.name': name } };
}

export function blobEntry(data: Buffer): TarEntry {
  return { name: `blobs/sha256/${hexOf(data)}`, data };
}

/** The entries of a `docker save` archive with the layers as `<hex>.tar`. */
export function dockerEntries(image: BuiltTestImage, tags: readonly string[] | null): readonly TarEntry[] {
  const Config = `${hexOf(image.config)}.json`;
  const Layers = image.blobs.map((blob) => `${hexOf(blob)}.tar`);
  return [
    ...image.blobs.map((data, index) => ({ name: Layers[index] ?? '', data })),
    { name: Config, data: image.config },
    { name: 'manifest.json', data: jsonOf([{ Config, RepoTags: tags, Layers }]) },
  ];
}

export function descriptorOf(mediaType: string, data: Buffer): BuiltTestImage['descriptor'] {
  return { mediaType, digest: digestOf(data), size: data.length };
}

export function digestOf(data: Uint8Array): string {
  return `sha256:${hexOf(data)}`;
}

export function hexOf(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

export function jsonOf(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
