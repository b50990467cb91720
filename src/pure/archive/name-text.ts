import { bytesToLatin1 } from '../base/bytes.ts';

const LONGEST = 256;

/** A name of an archive as quoted text for a message: UTF-8 where it is that, else with \xNN; cut if it is long. */
export function nameText(name: Uint8Array): string {
  const shown = name.length > LONGEST ? name.subarray(0, LONGEST) : name;
  const quoted = JSON.stringify(decode(bytesToLatin1(shown)));
  return shown === name ? quoted : `${quoted.slice(0, -1)}…"`;
}

function decode(latin1: string): string {
  const encoded = latin1.replace(/[%\x80-\xff]/g, (c) => `%${hex(c)}`);
  try {
    return decodeURIComponent(encoded);
  } catch {
    return latin1.replace(/[\x80-\xff]/g, (c) => `\\x${hex(c)}`);
  }
}

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(2, '0');
}
