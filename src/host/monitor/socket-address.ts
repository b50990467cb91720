import { AF } from '../kernel/constants.ts';
import { SOCKET_FILE } from './places.ts';

/** The address of the socket in an open directory; its own path may be longer than an address takes. */
export function socketAddress(directory: number): Uint8Array {
  const name = bytes(`/proc/self/fd/${directory}/${SOCKET_FILE}`);
  const address = new Uint8Array(2 + name.length);
  address[0] = AF.UNIX;
  address.set(name, 2);
  return address;
}
