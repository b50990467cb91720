import { sys } from '../../kernel/call.ts';
import type { Fd } from '../../kernel/files.ts';
import type { ContainerConfig } from '../container-config.ts';

/** Init has our descriptors until it executes its program; another runtime has not, and needs our number. */
export function pathOf(namespace: Fd, { settings }: ContainerConfig): string {
  const process = settings?.runtime === undefined ? 'self' : String(sys('getpid'));
  return `/proc/${process}/fd/${namespace.number}`;
}
