/** A content digest, `sha256:` and 64 lower-case hexadecimal digits (image-spec descriptor.md#digests). */
export type Digest = string & { readonly __digest: true };
/** The digest of a layer's uncompressed tar (image-spec config.md#layer-diffid). */
export type DiffId = Digest & { readonly __diffId: true };
/** The digest of a stack of layers (image-spec config.md#layer-chainid). */
export type ChainId = Digest & { readonly __chainId: true };

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** The text as a digest, or undefined if it is none; sha256 is the only algorithm that Corten reads and writes. */
export function toDigest(text: string): Digest | undefined {
  return DIGEST.test(text) ? (text as Digest) : undefined;
}

export function toDiffId(text: string): DiffId | undefined {
  return toDigest(text) as DiffId | undefined;
}

export function toChainId(text: string): ChainId | undefined {
  return toDigest(text) as ChainId | undefined;
}

/** The 64 digits alone: how files are named. */
export function digestHex(digest: Digest): string {
  return digest.slice('sha256:'.length);
}

/** The digits of a SHA-256 sum as a digest. */
export function digestOfHex(hex: string): Digest | undefined {
  return toDigest(`sha256:${hex}`);
}

/**
 * The ChainID of each layer with all those below it, bottom first: the first is the layer's DiffID itself, each
 * next the digest of `<ChainID below> <DiffID>`. `sha256` gives the digest of an ASCII text.
 */
export function chainIds(diffIds: readonly DiffId[], sha256: (text: string) => Digest): readonly ChainId[] {
  const chain: Digest[] = [];
  for (const diffId of diffIds) {
    const below = chain.at(-1);
    chain.push(below === undefined ? diffId : sha256(`${below} ${diffId}`));
  }
  return chain as readonly Digest[] as readonly ChainId[];
}
