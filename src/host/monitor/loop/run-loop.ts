import { timestamp } from '../../kernel/clock.ts';
import { appendRecord } from '../journal.ts';
import { recordOf } from './failure.ts';
import type { LoopOptions } from './loop-options.ts';
import { MonitorLoop } from './monitor-loop.ts';
import type { MonitorState } from './state.ts';

/** Runs the loop to the container's end. There is nobody to throw to: what fails stands in the journal. */
export function runLoop(state: MonitorState, options: LoopOptions): void {
  try {
    new MonitorLoop(state, options).run();
  } catch (error) {
    const { message } = recordOf(error);
    appendRecord(state.directory, { event: 'failed', time: timestamp(), message }, false);
  }
}
