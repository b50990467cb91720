import { DETACH_KEYS_FLAG } from './detach-keys-flag.ts';

/** Flags of whatever may join a container's streams. */
export const JOIN_FLAGS = {
  'sig-proxy': { kind: 'switch', help: 'pass signals on, as it is unless --sig-proxy=false' },
  'detach-keys': DETACH_KEYS_FLAG,
} as const;
