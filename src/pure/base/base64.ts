const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** A text's UTF-8 bytes in base64 (RFC 4648 section 4). */
export function toBase64(text: string): string {
  const utf8 = encodeURIComponent(text.toWellFormed()).replace(/%([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  let result = '';
  for (let at = 0; at < utf8.length; at += 3) {
    const bits = (utf8.charCodeAt(at) << 16) | (byteAt(utf8, at + 1) << 8) | byteAt(utf8, at + 2);
    const digits = [bits >> 18, bits >> 12, bits >> 6, bits].map((value) => DIGITS[value & 63]);
    const count = Math.min(3, utf8.length - at) + 1;
    result += digits.slice(0, count).join('').padEnd(4, '=');
  }
  return result;
}

/** The text that was encoded; undefined if that is no base64 of UTF-8. */
export function fromBase64(encoded: string): string | undefined {
  const text = encoded.trim();
  if (!BASE64.test(text)) return undefined;
  const digits = text.replace(/=+$/, '');
  if (digits.length % 4 === 1) return undefined;
  let percent = '';
  let [bits, count] = [0, 0];
  for (const digit of digits) {
    bits = ((bits << 6) | DIGITS.indexOf(digit)) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    percent += `%${((bits >> count) & 0xff).toString(16).padStart(2, '0')}`;
  }
  try {
    return decodeURIComponent(percent);
  } catch {
    return undefined;
  }
}

function byteAt(text: string, at: number): number {
  return at < text.length ? text.charCodeAt(at) : 0;
}
