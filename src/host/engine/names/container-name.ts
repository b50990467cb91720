import { engineError } from '../errors.ts';
import { randomBytes } from './random.ts';
import { ADJECTIVES, NOUNS } from './words.ts';

/** The rule of podman; Docker wants a second letter. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;
const LONGEST = 128;

export function checkName(name: string): void {
  if (NAME.test(name) && name.length <= LONGEST) return;
  const shown = name.length > 80 ? `${name.slice(0, 80)}…` : name;
  const text = `The name "${shown}" is invalid: use up to ${LONGEST} of letters, digits and _ . - with a letter or digit first`;
  throw engineError('ENGINE_NAME_INVALID', text);
}

/** `calm_ferry`; with `isLong` a number more, for when that one is taken. */
export function randomName(isLong: boolean): string {
  const [first = 0, second = 0, third = 0, fourth = 0] = randomBytes(4);
  const name = `${ADJECTIVES[first % ADJECTIVES.length] ?? ''}_${NOUNS[second % NOUNS.length] ?? ''}`;
  return isLong ? `${name}_${third * 256 + fourth}` : name;
}
