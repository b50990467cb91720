import { attempt } from '../../kernel/call.ts';
import { POLL, SIGNAL } from '../../kernel/constants.ts';
import { networkModule } from '../../network/networks.ts';
import type { Watch } from '../poll.ts';
import type { MonitorState } from './state.ts';

const LARGEST = 65536;

/** What a monitor does for its container's networks: nothing, unless somebody tampers with the firewall. */
export class NetworkWatch {
  readonly #directory: string;
  readonly #helpers: readonly number[];
  #watch: number | undefined;

  constructor({ places, network }: Pick<MonitorState, 'places' | 'network'>) {
    this.#directory = places.directory;
    this.#helpers = network?.helpers ?? [];
    this.#watch = network?.watch;
  }

  watches(): readonly Watch[] {
    const fd = this.#watch;
    return fd === undefined ? [] : [{ fd, events: POLL.IN, ready: () => this.#mend(fd) }];
  }

  /** Until children are waited for, their pids are nobody else's. */
  end(): void {
    for (const pid of this.#helpers) attempt('kill', pid, SIGNAL.KILL);
    for (const pid of this.#helpers) attempt('wait4', pid, null, 0, null);
    if (this.#watch !== undefined) attempt('close', this.#watch);
    this.#watch = undefined;
  }

  /** Whatever the messages say, the firewall itself is looked at; more of them than fit are no loss. */
  #mend(fd: number): void {
    const buffer = new Uint8Array(LARGEST);
    while (attempt('read', fd, buffer, LARGEST) > 0);
    networkModule().mendLater(this.#directory);
  }
}
