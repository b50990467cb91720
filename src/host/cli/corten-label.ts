import { usageError } from './corten-context.ts';

/** `KEY=VALUE`, or a key alone with an empty value. */
export function labelFrom(text: string): readonly [key: string, value: string] {
  const equals = text.indexOf('=');
  if (equals === 0 || text === '') throw usageError(`The flag --label takes KEY=VALUE, not "${text}"`);
  return equals < 0 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)];
}
