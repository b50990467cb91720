import type { Digest } from '../base/digest.ts';
import type { Annotations } from '../spec/image.ts';
import type { RegistryAccess } from './registry-access.ts';

/** What the engine asks for to keep files in a registry, as JSON on standard input. */
export interface PushArtifactRequest {
  readonly access: RegistryAccess;
  readonly reference: string;
  /** Whether the name has a tag; one that refers to something needs none. */
  readonly hasTag: boolean;
  readonly files: readonly { readonly path: string; readonly title: string; readonly mediaType: string }[];
  readonly artifactType: string;
  readonly annotations: Annotations;
  /** What it is about: an image of the same repository, by tag or digest. */
  readonly subject?: { readonly tag: string } | { readonly digest: Digest };
}

export interface PullArtifactRequest {
  readonly access: RegistryAccess;
  readonly reference: string;
  /** Where its files go, absolute. */
  readonly directory: string;
  /** Whether files that are there are replaced. */
  readonly isForced: boolean;
}
