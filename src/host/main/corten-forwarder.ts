import { forwardPorts } from '../network/forward-ports.ts';

/** Serves published ports on the host's loopback; what to do comes as the only argument. */
export function main(): number {
  return forwardPorts(argv[1] ?? '');
}
