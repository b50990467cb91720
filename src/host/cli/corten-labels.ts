import type { Label } from '../engine/run-request.ts';
import { usageError } from './corten-context.ts';

/** `KEY=VALUE`; a key alone has an empty value. */
export function labelFrom(text: string): Label {
  const equals = text.indexOf('=');
  if (equals === 0 || text === '') throw usageError(`The flag --label takes KEY=VALUE, not "${text}"`);
  return equals < 0 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)];
}
