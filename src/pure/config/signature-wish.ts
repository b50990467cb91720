/** Whose name a signature has to be for, as policy.json's signedIdentity says it. */
export type SignedIdentity =
  | { readonly type: 'matchExact' | 'matchRepoDigestOrExact' | 'matchRepository' }
  | { readonly type: 'exactReference'; readonly reference: string }
  | { readonly type: 'exactRepository'; readonly repository: string }
  | { readonly type: 'remapIdentity'; readonly prefix: string; readonly signedPrefix: string };

/** A signature that an image has to have before it comes in. */
export interface SignatureWish {
  /** Public keys, PEM: one of them has to have signed. */
  readonly keys: readonly string[];
  readonly identity: SignedIdentity;
  /** The file that wants it, for errors. */
  readonly file: string;
}
