import { monotonicMs } from '../../kernel/clock.ts';
import { attempt } from '../../kernel/call.ts';
import { POLL, PR, SIGNAL, WNOHANG } from '../../kernel/constants.ts';
import { cStrings, exit, fork } from '../../kernel/process.ts';
import { openEndOf, takeEnd } from './open-end.ts';
import { HEALTH_END } from '../health-end.ts';
import type { Places } from '../places.ts';
import type { Watch } from '../poll.ts';
import type { HealthTimes } from '../supervision.ts';

/** What a process that checks a container's health is called. */
const PROGRAM = 'corten-health';

/** Has a process of its own check the container's health from time to time: that process is heavy, this one stays small. */
export class HealthChecks {
  readonly #places: Places;
  readonly #times: HealthTimes;
  #dueAt: number | undefined;
  #pid = 0;
  #pidfd = -1;

  constructor(places: Places, times: HealthTimes) {
    this.#places = places;
    this.#times = times;
    this.#dueAt = monotonicMs() + Math.min(times.startInterval, times.interval);
  }

  get dueAt(): number | undefined {
    return this.#dueAt;
  }

  get isBusy(): boolean {
    return this.#pid > 0;
  }

  begin(): void {
    this.#dueAt = undefined;
    const pid = fork();
    if (pid === 0) become(this.#places);
    this.#pid = pid;
    this.#pidfd = openEndOf(pid);
  }

  watches(): readonly Watch[] {
    return this.isBusy ? [{ fd: this.#pidfd, events: POLL.IN, ready: () => this.#end() }] : [];
  }

  /** The container has ended: nobody waits for an answer. */
  cancel(): void {
    this.#dueAt = undefined;
    if (!this.isBusy) return;
    attempt('kill', this.#pid, SIGNAL.KILL);
    this.#reap(0);
  }

  #end(): void {
    takeEnd(this.#pidfd);
    const status = this.#reap(WNOHANG);
    if (status === undefined) return;
    const code = (status >> 8) & 0xff;
    if (code === HEALTH_END.NEVER) return;
    const { interval, startInterval } = this.#times;
    this.#dueAt = monotonicMs() + (code === HEALTH_END.STARTING ? startInterval : interval);
  }

  #reap(flags: number): number | undefined {
    const status = new Uint32Array(1);
    if (attempt('wait4', this.#pid, status, flags, null) !== this.#pid) return undefined;
    attempt('close', this.#pidfd);
    this.#pid = 0;
    return status[0] ?? 0;
  }
}

function become(places: Places): never {
  attempt('prctl', PR.SET_PDEATHSIG, SIGNAL.KILL, 0, 0, 0);
  const args = cStrings([PROGRAM, JSON.stringify(places)]);
  attempt('execve', '/proc/self/exe', args.pointers, cStrings([]).pointers);
  exit(HEALTH_END.NEVER);
}
