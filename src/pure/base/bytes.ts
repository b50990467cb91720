/** A string of Latin-1 characters as bytes: how names that may not be UTF-8 travel. */
export function latin1ToBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Bytes from `from` to `to` as a string with one Latin-1 character a byte. */
export function bytesToLatin1(bytes: Uint8Array, from = 0, to = bytes.length): string {
  let text = '';
  for (let i = from; i < to; i += 4096) {
    text += String.fromCharCode(...bytes.subarray(i, Math.min(to, i + 4096)));
  }
  return text;
}
