import { copyUpModule } from './steps/copy-up.ts';

/**
 * Copies what is in one directory to another, given by descriptors, with owners, permissions and extended
 * attributes, following no link. Devices and sockets are left out.
 */
export function copyTree(source: number, target: number): void {
  copyUpModule().copyUp(source, target);
}
