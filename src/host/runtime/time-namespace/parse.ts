import type { Json } from '../../../pure/base/json.ts';
import type { Namespace, TimeOffset } from '../../../pure/spec/runtime.ts';
import { isAbsent, refuse, toChoice, toNumber, toRecord } from '../parse/fields.ts';

const CLOCKS = ['monotonic', 'boottime'] as const;
const MOST = Number.MAX_SAFE_INTEGER;

/** config-linux.md#offset-for-time-namespace: of a new namespace, since those of one that is in use stay as they are. */
export function parseTimeOffsets(
  value: Json | undefined,
  at: string,
  namespaces: readonly Namespace[],
): readonly TimeOffset[] {
  const namespace = namespaces.find(({ type }) => type === 'time');
  if (namespace === undefined) refuse(at, 'left out where no time namespace is asked for');
  if (namespace.path !== undefined) refuse(at, 'left out where a time namespace is joined');
  return Object.entries(toRecord(value, at)).map(([name, offset]) => {
    const clock = toChoice(name, `${at}: a key`, CLOCKS);
    const record = toRecord(offset, `${at}.${clock}`);
    const number = (key: string, range: readonly [number, number]): number =>
      isAbsent(record[key]) ? 0 : toNumber(record[key], `${at}.${clock}.${key}`, range);
    return { clock, secs: number('secs', [-MOST, MOST]), nanosecs: number('nanosecs', [0, 999_999_999]) };
  });
}
