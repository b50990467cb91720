import { attempt } from '../../kernel/call.ts';
import { POLL } from '../../kernel/constants.ts';
import { pollOnce } from '../poll.ts';
import type { Output } from './state.ts';

/**
 * Reads what pipes and the terminal still hold, which is bounded: all their writers are gone. Each packet has a byte
 * in front and is a new one, since clients may keep it for long.
 */
export function drain(
  outputs: readonly Output[],
  chunk: number,
  take: (output: Output, packet: Uint8Array) => void,
): void {
  for (const output of outputs) {
    while (pollOnce([{ fd: output.fd, events: POLL.IN, ready: () => undefined }], 0)) {
      const packet = new Uint8Array(1 + chunk);
      const length = attempt('read', output.fd, packet.subarray(1), chunk);
      if (length <= 0) break;
      take(output, packet.subarray(0, 1 + length));
    }
  }
}
