import { sys } from '../kernel/call.ts';

/** A path as the current directory completes it. */
export function absolutePath(path: string): string {
  if (path.startsWith('/')) return path;
  const buffer = new Uint8Array(4096);
  const length = sys('getcwd', buffer, buffer.length);
  const directory = utf8(buffer, 0, length - 1);
  return path === '.' ? directory : `${directory}/${path}`;
}
