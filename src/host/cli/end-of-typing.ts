const END_OF_INPUT = 4;
const NEWLINE = 10;

/**
 * What ends the input of a program on a terminal, ctrl-d as a user types it: the first one ends a line that is begun,
 * whose last byte is `last`, and then only the second one the input.
 */
export function endOfTyping(last: number | undefined): Uint8Array {
  return new Uint8Array(last === undefined || last === NEWLINE ? 1 : 2).fill(END_OF_INPUT);
}
