import type { Filter } from '../../runtime/create.ts';
import { DEFAULT_FILTER } from './default-filter.constant.ts';

/** What a container with the default capabilities and profile is given: nothing is compiled for it. */
export function defaultFilter(): Filter {
  const { program, flags, optionalFlags } = DEFAULT_FILTER;
  return { program: Uint8Array.fromBase64(program), flags, optionalFlags, listener: undefined };
}
