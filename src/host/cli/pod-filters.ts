import { podNetworks } from '../engine/inspect-pod.ts';
import type { ListedPod } from '../engine/list-pods.ts';
import { filtersFrom, hasLabels } from './corten-filters.ts';
import { momentOf } from './moment.ts';
import { stateText } from './pod-row.ts';

const KNOWN = [
  'id',
  'name',
  'label',
  'status',
  'network',
  'ctr-ids',
  'ctr-names',
  'ctr-number',
  'ctr-status',
  'until',
];

/** Whether a pod fits every filter; several values of one are alternatives, labels are wanted all. */
export function podFilter(texts: readonly string[]): (pod: ListedPod) => boolean {
  const filters = filtersFrom(texts, KNOWN);
  const now = Date.now();
  const limits = (filters.get('until') ?? []).map((value) => momentOf('filter until', value, now));
  return ({ id, name, state, config, created, members }) => {
    const fits = (key: string, test: (value: string) => boolean): boolean =>
      filters.get(key)?.some(test) ?? true;
    return (
      fits('id', (value) => id.startsWith(value)) &&
      fits('name', (value) => name.includes(value)) &&
      fits('status', (value) => state.toLowerCase() === value.toLowerCase()) &&
      fits('network', (value) => config !== undefined && podNetworks(config).includes(value)) &&
      fits('ctr-ids', (value) => members.some((member) => member.id.startsWith(value))) &&
      fits('ctr-names', (value) => members.some((member) => member.name.includes(value))) &&
      fits('ctr-number', (value) => members.length === Number(value)) &&
      fits('ctr-status', (value) => members.some((member) => stateText(member) === value)) &&
      limits.every((limit) => Date.parse(created) < limit) &&
      hasLabels(new Map(config?.labels ?? []), filters.get('label') ?? [])
    );
  };
}
