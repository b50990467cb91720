import type { RegistryAccess } from './registry-access.ts';

/** What the engine asks for to make an image of a root file system's tar, as JSON on standard input. */
export interface ImportRequest {
  /** What the tar is called. */
  readonly source: string;
  /** Where the tar is fetched; it comes on descriptor 3 unless given. */
  readonly url?: string;
  /** Whether the blob of the layer stays in the store. */
  readonly keepsBlobs: boolean;
  /** How the address is reached. */
  readonly access: RegistryAccess;
  /** The image's name; none unless given. */
  readonly reference?: string;
  /** Instructions of a Dockerfile. */
  readonly changes: readonly string[];
  readonly message?: string;
  /** As `linux/arm64`; this machine's unless given. */
  readonly platform?: string;
}
