import { parse, TomlError } from 'smol-toml';
import { configError } from '../../../pure/config/errors.ts';
import type { Json } from '../../../pure/base/json.ts';

/** A TOML document as JSON's types; dates, which no file of ours has, as text. Throws CONFIG_INVALID with the line. */
export function parseToml(text: string, path: string): Json {
  try {
    return toJson(parse(text));
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [words = ''] = error.message.replace(/^Invalid TOML document: /, '').split('\n');
    throw configError('CONFIG_INVALID', `The file ${path}, line ${error.line}, is no TOML: ${words}`);
  }
}

function toJson(value: unknown): Json {
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object' || value === null) return value as Json;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item)]));
}
