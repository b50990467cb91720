import { sys } from '../../kernel/call.ts';

/** getrandom(2): a fork would duplicate the state of Math.random. */
export function randomBytes(count: number): Uint8Array {
  const buffer = new Uint8Array(count);
  sys('getrandom', buffer, count, 0);
  return buffer;
}

/** A container's ID: 64 hexadecimal digits. */
export function randomId(): string {
  return (randomBytes(32) as Uint8Array & { toHex(): string }).toHex();
}
