import type { RegistryAccess } from './registry-access.ts';
import type { SignatureWish } from './signature-wish.ts';

export type ProgressForm = 'auto' | 'tty' | 'plain' | 'json' | 'quiet';

/** What the engine asks the program that speaks HTTP for, as JSON on its standard input. */
export interface PullRequest {
  readonly reference: string;
  /** As `linux/arm64`; this machine's unless given. */
  readonly platform?: string;
  readonly progress: ProgressForm;
  /** Layers that come at the same time. */
  readonly parallel: number;
  /** Whether the blobs of layers stay in the store. */
  readonly keepsBlobs: boolean;
  /** What has to have signed the image before it comes in. */
  readonly signatures: readonly SignatureWish[];
  readonly access: RegistryAccess;
}
