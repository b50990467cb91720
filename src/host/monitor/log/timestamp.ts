import { sys } from '../../kernel/call.ts';

const CLOCK_REALTIME = 0;
const MOMENT = new BigInt64Array(2);

/** RFC 3339 in UTC with nanoseconds, as the CRI's log format has it. */
export function nanosecondTimestamp(): string {
  sys('clock_gettime', CLOCK_REALTIME, MOMENT);
  const seconds = new Date(Number(MOMENT[0]) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(MOMENT[1]).padStart(9, '0')}Z`;
}
