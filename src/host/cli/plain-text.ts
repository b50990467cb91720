/** What a stranger wrote, for one line of a terminal. */
export function plainText(text: string): string {
  return text.replaceAll(/[\x00-\x1f\x7f-\x9f]+/g, ' ').trim();
}
