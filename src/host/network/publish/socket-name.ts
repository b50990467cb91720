import { AF } from '../../kernel/constants.ts';

/** struct sockaddr_in or sockaddr_in6 */
export function socketName(address: Uint8Array, port: number): Uint8Array {
  const isV4 = address.length === 4;
  const name = new Uint8Array(isV4 ? 16 : 28);
  name[0] = isV4 ? AF.INET : AF.INET6;
  name[2] = port >> 8;
  name[3] = port & 255;
  name.set(address, isV4 ? 4 : 8);
  return name;
}
