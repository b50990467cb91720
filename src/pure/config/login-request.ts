import type { RegistryAccess } from './registry-access.ts';

/** Credentials to try, as JSON on the standard input of the program that speaks HTTP. */
export interface LoginRequest {
  readonly access: RegistryAccess;
}
