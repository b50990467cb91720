import type { Integer } from '../../../pure/spec/runtime.ts';

/** One write into a file of a cgroup. */
export interface Limit {
  readonly file: string;
  readonly value: string;
  /** The field of config.json that asks for it. */
  readonly field: string;
  /** What is written where there is no such file: another one, or nothing. Without it that is an error. */
  readonly orElse?: Limit | 'nothing';
  /** The file's first word stays, and the value follows it. */
  readonly keepsFirstWord?: boolean;
}

/** The field of a document that holds what a limit's `field` names below it. */
export const RESOURCES = 'linux.resources';

export function limit(file: string, value: Integer | string | undefined, field: string): readonly Limit[] {
  return value === undefined ? [] : [{ file, value: String(value), field: `${RESOURCES}.${field}` }];
}

/** Zero in many fields means "not set", as in the peers, whose documents are written with it. */
export function nonZero(value: Integer | undefined): Integer | undefined {
  return value === undefined || Number(value) === 0 ? undefined : value;
}

/** As `nonZero`, and less than zero is no limit. */
export function orMax(value: Integer | undefined): Integer | string | undefined {
  const set = nonZero(value);
  return set !== undefined && set < 0 ? 'max' : set;
}
