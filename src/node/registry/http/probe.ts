import { isCutConnection, isNotTls } from './failure.ts';
import type { Transport } from './transport.ts';

/** Milliseconds that a host on loopback gets to show that it speaks TLS. */
const PATIENCE = 5000;

/** Whether what listens at an https address answers to plain HTTP alone. Certificates that aren't trusted are TLS. */
export async function isPlain(transport: Transport, url: URL, signal: AbortSignal): Promise<boolean> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
  try {
    const answer = await transport.send({
      method: 'GET',
      url,
      headers: {},
      signal: limited,
      isOwnHost: true,
    });
    answer.destroy();
    return false;
  } catch (error) {
    signal.throwIfAborted();
    const cause = error instanceof Error ? error.cause : undefined;
    return isNotTls(cause) || isCutConnection(error) || limited.aborted;
  }
}
