import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { registryError } from '../errors.ts';
import type { RetryPolicy } from '../retry-policy.ts';
import { isCutConnection } from './failure.ts';
import type { Answer } from './read-body.ts';

/** An answer that says: later. */
export class TryLater extends Error {
  readonly isTryLater = true;
  readonly status: number;
  /** Milliseconds, if the answer says. */
  readonly wait: number | undefined;

  constructor({ status, url, headers }: Answer, now: number) {
    super(`${url.host} answered ${status}`);
    this.name = 'TryLater';
    this.status = status;
    this.wait = retryAfter(headers['retry-after'], now);
  }
}

/** Answers that another try may change: timeout, rate limit, and what is broken for a moment. */
export function isPassing(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505);
}

/** Counts tries, and waits between them. */
export class Retries {
  readonly #policy: RetryPolicy;
  readonly #signal: AbortSignal;
  #failures = 0;

  constructor(policy: RetryPolicy, signal: AbortSignal) {
    this.#policy = policy;
    this.#signal = signal;
  }

  /** Something came through: the count begins anew. */
  progress(): void {
    this.#failures = 0;
  }

  /** Waits before the next try, or throws what is told where there is none. */
  async next(error: unknown, host: string): Promise<void> {
    this.#signal.throwIfAborted();
    if (!isCutConnection(error) && !isTryLater(error)) throw error;
    const asked = isTryLater(error) ? error.wait : undefined;
    const isTooLong = asked !== undefined && asked > this.#policy.longestWait;
    if (++this.#failures >= this.#policy.tries || isTooLong) throw givingUp(error, host);
    await sleep(asked ?? this.#backOff(), undefined, { signal: this.#signal });
  }

  #backOff(): number {
    const longest = this.#policy.delay * 2 ** (this.#failures - 1);
    // Clients that were cut off together shouldn't come back together.
    return longest / 2 + randomInt(Math.ceil(longest / 2) + 1);
  }
}

/** Does work until it succeeds, fails for good, or the policy's tries are used up. */
export async function withRetries<T>(
  policy: RetryPolicy,
  { signal, host }: { readonly signal: AbortSignal; readonly host: string },
  work: () => Promise<T>,
): Promise<T> {
  const retries = new Retries(policy, signal);
  for (;;) {
    try {
      return await work();
    } catch (error) {
      await retries.next(error, host);
    }
  }
}

function isTryLater(error: unknown): error is TryLater {
  return typeof error === 'object' && error !== null && 'isTryLater' in error;
}

function givingUp(error: Error, host: string): Error {
  const details = { cause: error, data: { host } };
  if (isTryLater(error) && error.status === 429) {
    const wait = error.wait === undefined ? 'a while' : `${Math.ceil(error.wait / 1000)} s`;
    const text = `The registry ${host} takes no more requests for now (429): try again in ${wait}, or log in for a higher limit`;
    return registryError('REGISTRY_RATE_LIMITED', text, details);
  }
  if (isTryLater(error)) {
    const text = `The registry ${host} fails (${error.status}), also after a while: try again later`;
    return registryError('REGISTRY_FAILED', text, details);
  }
  return registryError(
    'REGISTRY_UNREACHABLE',
    `The registry ${host} can't be reached: ${error.message}`,
    details,
  );
}

/** RFC 9110 section 10.2.3: seconds or a date. */
function retryAfter(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : Math.max(0, time - now);
}
