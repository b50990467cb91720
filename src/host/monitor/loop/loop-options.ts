import type { LastingState, MonitorState } from './state.ts';

export interface LoopOptions {
  /** Removes what is left of the ended container, which is not the last of it where it is started again. */
  readonly cleanUp: (state: MonitorState, isLast: boolean) => void;
  /** Puts the program's end on record among the events, before clients learn of it. */
  readonly announceEnd: (state: MonitorState, code: number) => void;
  /** Bytes of output that are read at once, at most MAX_PAYLOAD. */
  readonly chunk: number;
  /** Milliseconds after which becomeSmall() is called, once nothing is under way; undefined for never. */
  readonly firstLife: number | undefined;
  readonly becomeSmall: (state: MonitorState) => void;
  /** Becomes the program that starts the container again. Returns where that is refused. */
  readonly restart: (state: LastingState) => void;
}
