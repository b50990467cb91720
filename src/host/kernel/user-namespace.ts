import { readText } from './files.ts';

/** Whether user 0 here is the machine's: elsewhere devices and `trusted.` attributes are out of reach. */
export function isInitialUserNamespace(): boolean {
  return /^\s*0\s+0\s+4294967295\s*$/.test(readText('/proc/self/uid_map'));
}

let isEntered = false;

/** Said by a command of a user other than root that has become root of the user's own namespace. */
export function noteEntered(): void {
  isEntered = true;
}

export function hasEntered(): boolean {
  return isEntered;
}
