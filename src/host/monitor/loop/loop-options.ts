import type { LastingState, MonitorState } from './state.ts';

export interface LoopOptions {
  /** Removes what is left of the ended container, which is not the last of it where it is started again. */
  readonly cleanUp: (state: MonitorState, isLast: boolean) => void;
  /** Puts the program's end on record among the events, before clients learn of it. */
  readonly announceEnd: (state: MonitorState, code: number) => void;
  /**
   * Puts on record what the kernel has told of a want of memory, `told` kills being on record: their number from then
   * on, -1 where nothing comes any more. Of an ended program: how many of its cgroup were killed.
   */
  readonly tellMemory: (state: MonitorState, told: number, isEnded: boolean) => number;
  /** Bytes of output that are read at once, at most MAX_PAYLOAD. */
  readonly chunk: number;
  /** Milliseconds after which becomeSmall() is called, once nothing is under way; undefined for never. */
  readonly firstLife: number | undefined;
  readonly becomeSmall: (state: MonitorState) => void;
  /** Becomes the program that starts the container again. Returns where that is refused. */
  readonly restart: (state: LastingState) => void;
}
