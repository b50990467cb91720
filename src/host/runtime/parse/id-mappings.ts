import type { Json, JsonObject } from '../../../pure/base/json.ts';
import type { IdMapping, Linux, Namespace } from '../../../pure/spec/runtime.ts';
import { isAbsent, refuse, toList, toNumber, toRecord } from './fields.ts';

const ID = [0, 2 ** 32 - 2] as const;
const SIZE = [1, 2 ** 32 - 1] as const;

/** config-linux.md#user-namespace-mappings. A namespace that is joined has its own: what is given then is not used. */
export function parseIdMappings(
  record: JsonObject,
  namespaces: readonly Namespace[],
  at: string,
): Pick<Linux, 'uidMappings' | 'gidMappings'> {
  const { uidMappings: uids, gidMappings: gids } = record;
  const user = namespaces.find(({ type }) => type === 'user');
  if (user === undefined && isEmpty(uids) && isEmpty(gids)) return { uidMappings: [], gidMappings: [] };
  const mappings = {
    uidMappings: toIdMappings(uids, `${at}.uidMappings`),
    gidMappings: toIdMappings(gids, `${at}.gidMappings`),
  };
  for (const [name, list] of Object.entries(mappings)) {
    if (user === undefined && list.length > 0) {
      refuse(`${at}.${name}`, 'left out where no user namespace is asked for');
    }
    if (user !== undefined && user.path === undefined && list.length === 0) {
      refuse(`${at}.${name}`, 'a list of mappings, since a new user namespace is asked for');
    }
  }
  return user?.path === undefined ? mappings : { uidMappings: [], gidMappings: [] };
}

export function toIdMappings(value: Json | undefined, at: string): readonly IdMapping[] {
  return toList(value, at, (entry, where) => {
    const record = toRecord(entry, where);
    return {
      containerID: toNumber(record['containerID'], `${where}.containerID`, ID),
      hostID: toNumber(record['hostID'], `${where}.hostID`, ID),
      size: toNumber(record['size'], `${where}.size`, SIZE),
    };
  });
}

function isEmpty(value: Json | undefined): boolean {
  return isAbsent(value) || (Array.isArray(value) && value.length === 0);
}
