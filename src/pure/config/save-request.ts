export type SaveForm = 'docker-archive' | 'oci-archive' | 'oci-dir' | 'docker-dir';

/** What the engine asks the program that inflates for, as JSON on its standard input. */
export interface SaveRequest {
  /** Images of the store, by name or ID. */
  readonly images: readonly string[];
  readonly form: SaveForm;
  /** Where a form that is a directory goes, absolute; an archive goes to standard output. */
  readonly directory?: string;
  /** The name within an OCI layout, in place of the image's own. */
  readonly name?: string;
  /** Whether layers are inflated, so that they have other digests than in the store. */
  readonly isUncompressed: boolean;
}
