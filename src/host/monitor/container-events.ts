import { appendEvent } from './events.ts';
import type { Places } from './places.ts';

/** Puts a program's end on record. */
export function announceEnd({ events, id }: Places, code: number): void {
  appendEvent(events, { type: 'container', action: 'die', id, attributes: { exitCode: String(code) } });
}
