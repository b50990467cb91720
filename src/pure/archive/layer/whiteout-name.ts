import { latin1ToBytes } from '../../base/bytes.ts';

// OCI image-spec layer.md#whiteouts.
export const WHITEOUT_PREFIX = latin1ToBytes('.wh.');
export const OPAQUE_NAME = latin1ToBytes('.wh..wh..opq');
const AUFS_PREFIX = latin1ToBytes('.wh..wh.');

export function isWhiteoutName(name: Uint8Array): boolean {
  return startsWith(name, WHITEOUT_PREFIX);
}

/** A name that aufs kept for its own use: no whiteout of a file, and nothing of the image. */
export function isAufsName(name: Uint8Array): boolean {
  return (
    startsWith(name, AUFS_PREFIX) && !(name.length === OPAQUE_NAME.length && startsWith(name, OPAQUE_NAME))
  );
}

function startsWith(name: Uint8Array, prefix: Uint8Array): boolean {
  if (name.length < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (name[i] !== prefix[i]) return false;
  return true;
}
