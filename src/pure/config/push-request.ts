import type { ProgressForm } from './pull-request.ts';
import type { RegistryAccess } from './registry-access.ts';

/** What the engine asks the program that speaks HTTP for, as JSON on its standard input. */
export interface PushRequest {
  /** An image of the store: a name or an ID. */
  readonly image: string;
  /** The name that it gets, whose registry `access` leads to. */
  readonly destination: string;
  readonly progress: ProgressForm;
  /** Whether the store gives the blobs of layers up afterwards. */
  readonly dropsBlobs: boolean;
  /** Blobs that go at the same time. */
  readonly parallel: number;
  readonly access: RegistryAccess;
}
