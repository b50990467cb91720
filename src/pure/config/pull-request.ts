import type { RegistryAccess } from './registry-access.ts';

export type ProgressForm = 'auto' | 'tty' | 'plain' | 'json' | 'quiet';

/** What the engine asks the program that speaks HTTP for, as JSON on its standard input. */
export interface PullRequest {
  readonly reference: string;
  /** As `linux/arm64`; this machine's unless given. */
  readonly platform?: string;
  readonly progress: ProgressForm;
  /** Layers that come at the same time. */
  readonly parallel: number;
  readonly access: RegistryAccess;
}
