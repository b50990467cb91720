import { readSync, writeSync } from 'node:fs';
import { formatReference, parseReference, shortReference } from '../../pure/store/reference.ts';
import { EVENTS_VARIABLE, type ImageEvent } from '../../pure/config/image-event.ts';

/**
 * Has the engine, whose other process waits for it, put on record what happened to an image. Nothing fails because
 * nobody listens.
 */
export function announce(event: ImageEvent): void {
  const fd = Number(process.env[EVENTS_VARIABLE] ?? NaN);
  if (!Number.isInteger(fd)) return;
  try {
    writeSync(fd, JSON.stringify(event));
    readSync(fd, Buffer.alloc(1));
  } catch {
    // That process was killed.
  }
}

/** Of what is known by its name: as docker has it, that is the ID, and the name goes without a tag. */
export function announceImage(action: ImageEvent['action'], reference: string): void {
  const id = shortReference(formatReference(parseReference(reference)));
  announce({ action, id, name: id.replace(/(?::[^:/@]+)?(?:@.*)?$/, '') });
}
