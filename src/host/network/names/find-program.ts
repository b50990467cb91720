import { attempt } from '../../kernel/call.ts';
import { X_OK } from '../../kernel/constants.ts';

/** Where distributions put programs that podman's networks use. */
const PLACES = [
  '/usr/local/libexec/podman',
  '/usr/local/lib/podman',
  '/usr/libexec/podman',
  '/usr/lib/podman',
] as const;

/** aardvark-dns, the name server of networks; undefined where it isn't installed. */
export function findNameServer(): string | undefined {
  return PLACES.map((folder) => `${folder}/aardvark-dns`).find((path) => attempt('access', path, X_OK) === 0);
}
