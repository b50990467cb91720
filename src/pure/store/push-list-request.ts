import type { RegistryAccess } from '../config/registry-access.ts';
import type { ProgressForm } from '../config/pull-request.ts';
import type { ListedImage } from './manifest-lists.ts';

/** What the engine asks for to bring a list to a registry, as JSON on standard input. */
export interface PushListRequest {
  /** The name that it gets, whose registry `access` leads to. */
  readonly destination: string;
  readonly access: RegistryAccess;
  /** The list itself, as registries take it. */
  readonly mediaType: string;
  readonly text: string;
  /** Each with the way to where it is, unless that is the store. */
  readonly images: readonly { readonly image: ListedImage; readonly access?: RegistryAccess }[];
  readonly progress: ProgressForm;
  readonly parallel: number;
}
