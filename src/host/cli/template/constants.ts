import { syntaxError } from './errors.ts';

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\\', '\\'],
  ['"', '"'],
  ["'", "'"],
]);

const ESCAPE = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|([^]))/g;

/** The value of a Go literal: "…" or `…`, or a character '…', which is its number. */
export function textConstant(literal: string): string | number {
  const inner = literal.slice(1, -1);
  if (literal.startsWith('`')) return inner;
  const text = inner.replace(ESCAPE, (whole, ...parts: readonly (string | undefined)[]) => {
    const [hex, short, long, octal, letter = ''] = parts;
    const digits = hex ?? short ?? long;
    if (digits !== undefined) return character(parseInt(digits, 16), whole);
    if (octal !== undefined) return character(parseInt(octal, 8), whole);
    const meant = ESCAPES.get(letter);
    if (meant === undefined) throw syntaxError(`the escape ${whole} is unknown`);
    return meant;
  });
  if (literal.startsWith('"')) return text;
  const [first = '', ...more] = Array.from(text);
  if (more.length > 0) throw syntaxError(`${literal} is more than one character`);
  return first.codePointAt(0) ?? 0;
}

function character(code: number, escape: string): string {
  if (code <= 0x10ffff) return String.fromCodePoint(code);
  throw syntaxError(`the escape ${escape} is no character`);
}

export function numberConstant(literal: string): number {
  const digits = literal.replaceAll('_', '');
  const sign = digits.startsWith('-') ? -1 : 1;
  return sign * Number(digits.replace(/^[+-]/, ''));
}
