import type { Credentials } from '../../pure/config/registry-access.ts';

/** What the flags of a command say of the registries that it speaks to, over what files say. */
export interface AccessFlags {
  /** Plain HTTP, and certificates that aren't trusted. */
  readonly isInsecure: boolean;
  readonly credentials?: Credentials;
  /** The only file that logins are looked for in, and kept. */
  readonly authFile?: string;
  /** A directory with certificates, in place of `certs.d/HOST`. */
  readonly certificates?: string;
}

const NONE: AccessFlags = { isInsecure: false };

// A process runs one command, whose flags hold for every registry that it comes to.
let current = NONE;

export function useAccessFlags(flags: AccessFlags): void {
  current = flags;
}

export function accessFlags(): AccessFlags {
  return current;
}

/** The environment, with the file of logins that a flag names. */
export function registryVariables(): readonly string[] {
  const { authFile } = current;
  return authFile === undefined ? environ() : [`REGISTRY_AUTH_FILE=${authFile}`, ...environ()];
}
