import type { Json } from '../base/json.ts';

/** What the engine asks for to make an image of what a container changed, as JSON on standard input. */
export interface CommitRequest {
  /** The ID of the image that the container was made from. */
  readonly image: string;
  /** What the container is called in errors and in the history. */
  readonly container: string;
  /** `config` of the new image's configuration as far as the container has its own. */
  readonly config: Readonly<Record<string, Json | undefined>>;
  /** The image's name; none unless given. */
  readonly reference?: string;
  /** Instructions of a Dockerfile. */
  readonly changes: readonly string[];
  readonly message?: string;
  readonly author?: string;
}
