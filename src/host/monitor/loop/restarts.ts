import { monotonicMs } from '../../kernel/clock.ts';
import { newPolicyOf } from '../packets.ts';
import type { MonitorState, Wish } from './state.ts';
import { nextRestart, type RestartPolicy, type Supervision } from '../supervision.ts';

/** Whether and when a container is started again: by its policy, and by what clients wish. */
export class Restarts {
  #supervision: Supervision | undefined;
  readonly #begun = monotonicMs();
  #wish: Wish | undefined;
  /** When it is due, and the policy after it. */
  #due: { readonly at: number; readonly policy: RestartPolicy | undefined } | undefined;

  constructor({ supervision, wish }: Pick<MonitorState, 'supervision' | 'wish'>) {
    this.#supervision = supervision;
    this.#wish = wish;
  }

  /** What the next end is to lead to, whatever the policy. */
  get wanted(): Wish | undefined {
    return this.#wish;
  }

  /** undefined where none is due. */
  get dueAt(): number | undefined {
    return this.#due?.at;
  }

  /** What the next life is to supervise. */
  get supervision(): Supervision | undefined {
    const policy = this.#due?.policy;
    return policy === undefined ? this.#supervision : { ...this.#supervision, restart: policy };
  }

  /** Whether a signal, beside SIGKILL, says that a user wants the end. */
  isEnding(signal: number): boolean {
    return signal === this.#supervision?.restart?.stopSignal;
  }

  /** Another policy from now on, for the next end; one that a start is due by already keeps its count. */
  adopt(packet: Uint8Array): void {
    const { policy } = newPolicyOf(packet) ?? { policy: this.#supervision?.restart };
    const { restart, ...others } = this.#supervision ?? {};
    const { restarts = 0, delay = 0 } = restart ?? {};
    this.#supervision =
      policy === undefined ? others : { ...others, restart: { ...policy, restarts, delay } };
  }

  /**
   * No start after the next end, nor the one that is due; true where that is news. `isAsked` says that somebody asked
   * for it, which no wish for a restart withstands.
   */
  stop(isAsked: boolean): boolean {
    // Else it is a signal: whoever restarts it sends one himself.
    const isOfRestart = !isAsked && this.#wish === 'restart' && this.#due === undefined;
    if (this.#wish === 'stop' || isOfRestart) return false;
    this.#wish = 'stop';
    return true;
  }

  /** A start after the next end, or at once. */
  wish(): void {
    this.#wish = 'restart';
    if (this.#due !== undefined) this.#due = { ...this.#due, at: monotonicMs() };
  }

  postpone(milliseconds: number): void {
    if (this.#due !== undefined) this.#due = { ...this.#due, at: monotonicMs() + milliseconds };
  }

  /** The program has ended: whether a start is due now. */
  decide(code: number): boolean {
    const policy = this.#supervision?.restart;
    const now = monotonicMs();
    if (this.#wish === 'restart') this.#due = { at: now, policy };
    else if (this.#wish === undefined && policy !== undefined) {
      const next = nextRestart(policy, { code, ranFor: now - this.#begun });
      this.#due = next && { at: now + next.delay, policy: next };
    }
    return this.#due !== undefined;
  }
}
