import type { EventType } from '../monitor/events.ts';
import { recordStoreEvent } from './record-event.ts';
import type { Roots } from './roots.ts';

/** `reclaimed` is in bytes. */
export function recordPrune(roots: Roots, type: EventType, reclaimed: number): void {
  recordStoreEvent(roots, { type, action: 'prune', id: '', attributes: { reclaimed: String(reclaimed) } });
}
