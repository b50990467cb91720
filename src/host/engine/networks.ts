import {
  createNetwork as create,
  pruneNetworks as prune,
  removeNetwork as remove,
} from '../network/manage-networks.ts';
import { networkEvent } from '../network/network-event.ts';
import type { NetworkRecord } from '../network/types.ts';
import { recordStoreEvent } from './record-event.ts';
import { networkRoots, type Roots } from './roots.ts';

type NewNetwork = Parameters<typeof create>[1];

/** Puts a network on record, as those of its module do, and its event. */
export function createNetwork(roots: Roots, wanted: NewNetwork): NetworkRecord {
  const record = create(networkRoots(roots), wanted);
  recordStoreEvent(roots, networkEvent('create', record));
  return record;
}

export function removeNetwork(roots: Roots, wanted: string): void {
  const removed = remove(networkRoots(roots), wanted); // of a damaged one nothing is known to tell
  if (removed !== undefined) recordStoreEvent(roots, networkEvent('destroy', removed));
}

/** The names of those that went. */
export function pruneNetworks(roots: Roots, isKept: (record: NetworkRecord) => boolean): readonly string[] {
  const removed = prune(networkRoots(roots), isKept);
  for (const record of removed) recordStoreEvent(roots, networkEvent('destroy', record));
  recordStoreEvent(roots, { type: 'network', action: 'prune', id: '', attributes: { reclaimed: '0' } });
  return removed.map(({ name }) => name);
}
