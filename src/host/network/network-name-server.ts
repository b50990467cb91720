import { findNameServer } from './names/find-program.ts';

/** What to tell a user whose networks have no names, for want of a program; undefined where it is there. */
export function missingNameServer(): string | undefined {
  if (findNameServer() !== undefined) return undefined;
  return 'Containers will not find each other by name, as aardvark-dns is not installed: apt install aardvark-dns';
}
