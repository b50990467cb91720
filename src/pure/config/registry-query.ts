import type { Digest } from '../base/digest.ts';
import type { Annotations, Platform } from '../spec/image.ts';
import type { RegistryAccess } from './registry-access.ts';

/** What the engine wants to know of a registry, as JSON on standard input; the answer comes as JSON on output. */
export interface RegistryQuery {
  readonly access: RegistryAccess;
  /** As references have it: `docker.io`. */
  readonly domain: string;
  readonly repository: string;
  readonly question: RegistryQuestion;
}

export type RegistryQuestion =
  | { readonly kind: 'tags'; readonly limit?: number }
  | { readonly kind: 'search'; readonly term: string; readonly limit: number }
  | { readonly kind: 'referrers'; readonly of: ManifestWord; readonly artifactType?: string }
  | { readonly kind: 'manifest'; readonly of: ManifestWord }
  /** The images behind a name, with their platforms. */
  | { readonly kind: 'images'; readonly of: ManifestWord }
  | { readonly kind: 'delete'; readonly of: ManifestWord; readonly isWholeManifest: boolean };

export type ManifestWord = { readonly tag: string } | { readonly digest: Digest };

export interface FoundRepository {
  /** With the registry's host. */
  readonly name: string;
  readonly description: string;
  readonly stars: number;
  readonly isOfficial: boolean;
}

export interface FoundReferrer {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly artifactType: string;
  readonly size: number;
  readonly annotations: Annotations;
}

export interface FoundManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly text: string;
}

export interface FoundImage {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
  readonly platform: Platform;
}
