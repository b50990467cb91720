import { isList, isMap, isStruct, typeName, type Value } from './values.ts';
import { textOf } from './text-of.ts';
import { toUtf8 } from './utf8.ts';

const DIRECTIVE = /%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d+)?)?([^]|$)/gu;

interface Directive {
  readonly flags: string;
  readonly width: number | undefined;
  readonly precision: number | undefined;
  readonly verb: string;
}

/** fmt.Sprintf, with Go's own words for what doesn't fit. */
export function printf(format: string, args: readonly Value[]): string {
  let used = 0;
  const number = (text: string | undefined): number | undefined => {
    if (text !== '*') return text === undefined ? undefined : Number(text);
    const given = args[used++];
    return typeof given === 'number' ? given : undefined;
  };
  const result = format.replace(DIRECTIVE, (whole, ...parts: readonly (string | undefined)[]) => {
    const [flags = '', width, precision, verb = ''] = parts;
    if (verb === '%') return '%';
    if (verb === '') return '%!(NOVERB)';
    const hasPoint = whole.includes('.');
    const sizes = { width: number(width), precision: number(precision) ?? (hasPoint ? 0 : undefined) };
    if (used >= args.length) return `%!${verb}(MISSING)`;
    return formatted({ flags, ...sizes, verb }, args[used++]);
  });
  if (used >= args.length) return result;
  const extra = args.slice(used).map((value) => `${typeName(value)}=${textOf(value)}`);
  return `${result}%!(EXTRA ${extra.join(', ')})`;
}

function formatted(directive: Directive, value: Value): string {
  const text = converted(directive, value) ?? `%!${directive.verb}(${typeName(value)}=${textOf(value)})`;
  return padded(directive, text, value);
}

function padded({ flags, width = 0 }: Directive, text: string, value: Value): string {
  const isLeft = flags.includes('-') !== width < 0;
  const missing = Math.abs(width) - Array.from(text).length;
  if (missing <= 0) return text;
  if (isLeft) return text + ' '.repeat(missing);
  if (!flags.includes('0')) return ' '.repeat(missing) + text;
  const sign = typeof value !== 'string' && /^[+-]/.test(text) ? text.slice(0, 1) : '';
  return sign + '0'.repeat(missing) + text.slice(sign.length);
}

/** undefined where the verb is none for such a value. */
function converted(directive: Directive, value: Value): string | undefined {
  const { verb, precision } = directive;
  if (verb === 'T') return typeName(value);
  if (verb === 'v') return typeof value === 'number' ? signed(directive, textOf(value)) : textOf(value);
  if (isList(value) && verb !== 'p')
    return `[${value.map((inner) => formatted(directive, inner)).join(' ')}]`;
  if (isMap(value) || isStruct(value)) return verb === 's' ? textOf(value) : undefined;
  if (typeof value === 'string')
    return textVerb(
      verb,
      precision === undefined ? value : Array.from(value).slice(0, precision).join(''),
      directive,
    );
  if (typeof value === 'boolean') return verb === 't' ? String(value) : undefined;
  if (typeof value === 'bigint') return integerVerb(directive, value);
  if (typeof value !== 'number') return undefined;
  return Number.isInteger(value) ? integerVerb(directive, BigInt(value)) : floatVerb(directive, value);
}

function textVerb(verb: string, text: string, { flags }: Directive): string | undefined {
  switch (verb) {
    case 's':
      return text;
    case 'q':
      return flags.includes('#') && !text.includes('`') ? `\`${text}\`` : JSON.stringify(text);
    case 'x':
    case 'X': {
      const hex = Array.from(toUtf8(text), (byte) => byte.toString(16).padStart(2, '0')).join(
        flags.includes(' ') ? ' ' : '',
      );
      return verb === 'x' ? hex : hex.toUpperCase();
    }
    default:
      return undefined;
  }
}

const BASES: ReadonlyMap<string, readonly [base: number, prefix: string]> = new Map([
  ['d', [10, '']],
  ['b', [2, '0b']],
  ['o', [8, '0']],
  ['x', [16, '0x']],
  ['X', [16, '0X']],
]);

function integerVerb(directive: Directive, value: bigint): string | undefined {
  const { verb, flags, precision = 0 } = directive;
  if (verb === 'c') return String.fromCodePoint(Number(value));
  if (verb === 'q') return `'${String.fromCodePoint(Number(value))}'`;
  if (verb === 'U') return `U+${value.toString(16).toUpperCase().padStart(4, '0')}`;
  const base = BASES.get(verb);
  if (base === undefined) return undefined;
  const size = (value < 0n ? -value : value).toString(base[0]).padStart(precision, '0');
  const digits = `${flags.includes('#') ? base[1] : ''}${verb === 'X' ? size.toUpperCase() : size}`;
  return signed(directive, value < 0n ? `-${digits}` : digits);
}

function floatVerb(directive: Directive, value: number): string | undefined {
  const { verb, precision } = directive;
  switch (verb) {
    case 'f':
    case 'F':
      return signed(directive, value.toFixed(precision ?? 6));
    case 'e':
    case 'E': {
      const text = value.toExponential(precision ?? 6).replace(/e([+-])(\d)$/, 'e$10$2');
      return signed(directive, verb === 'E' ? text.toUpperCase() : text);
    }
    case 'g':
    case 'G':
      return signed(
        directive,
        precision === undefined ? textOf(value) : textOf(Number(value.toPrecision(precision || 1))),
      );
    default:
      return undefined;
  }
}

function signed({ flags }: Directive, text: string): string {
  if (text.startsWith('-')) return text;
  return flags.includes('+') ? `+${text}` : flags.includes(' ') ? ` ${text}` : text;
}
