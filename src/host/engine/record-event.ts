import { appendEvent, type NewEvent } from '../monitor/events.ts';
import type { Places } from '../monitor/places.ts';
import { eventsFolder, type Roots } from './roots.ts';

/** Puts what happened to a container on record. */
export function recordEvent(
  places: Places,
  action: string,
  attributes?: Readonly<Record<string, string>>,
): void {
  const event: NewEvent = { type: 'container', action, id: places.id };
  appendEvent(places.events, attributes === undefined ? event : { ...event, attributes });
}

export function recordVolume(roots: Roots, action: 'create' | 'destroy', name: string): void {
  recordStoreEvent(roots, { type: 'volume', action, id: name, attributes: { driver: 'local' } });
}

/** Puts what happened to something else on record. */
export function recordStoreEvent(roots: Roots, event: NewEvent): void {
  appendEvent(eventsFolder(roots), event);
}
