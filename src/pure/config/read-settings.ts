import type { Json, JsonObject } from '../base/json.ts';
import { configError } from './errors.ts';
import { nearestOf } from './nearest.ts';
import {
  SETTING_NAMES,
  SETTINGS,
  type FoundSetting,
  type FoundSettings,
  type SettingForm,
  type SettingName,
  type SettingValue,
} from './settings.ts';
import { lineOfKey } from './toml-lines.ts';

/** A file of settings, parsed. */
export interface SettingsFile {
  readonly path: string;
  readonly text: string;
  readonly content: Json;
}

const MAX_COUNT = 32;

/** What the files say, each later one over those before. Throws CONFIG_INVALID with file, line and nearest key. */
export function readSettings(files: readonly SettingsFile[]): FoundSettings {
  const found = new Map<SettingName, FoundSetting>();
  for (const file of files) readTable({ file, found }, [], file.content);
  return found;
}

interface Reading {
  readonly file: SettingsFile;
  readonly found: Map<SettingName, FoundSetting>;
}

function readTable({ file, found }: Reading, path: readonly string[], table: Json): void {
  if (!isTable(table)) throw fault(file, path, 'is a table of settings, not a value');
  for (const [key, value] of Object.entries(table)) {
    const inner = [...path, key];
    const name = inner.join('.');
    if (isName(name)) {
      const line = lineOfKey(file.text, inner);
      found.set(name, { value: checked(file, inner, { name, value }), file: file.path, line });
    } else if (SETTING_NAMES.some((known) => known.startsWith(`${name}.`))) {
      readTable({ file, found }, inner, value ?? null);
    } else throw unknownKey(file, inner);
  }
}

function unknownKey(file: SettingsFile, path: readonly string[]): Error {
  const name = path.join('.');
  const tables = SETTING_NAMES.map((known) => known.split('.').slice(0, path.length).join('.'));
  const nearest = nearestOf(name, [...new Set([...SETTING_NAMES, ...tables])]);
  const hint =
    nearest === undefined ? 'docs/configuration.md lists those that are' : `the nearest is ${nearest}`;
  return fault(file, path, `is no setting: ${hint}`);
}

function checked(
  file: SettingsFile,
  path: readonly string[],
  { name, value }: { readonly name: SettingName; readonly value: Json | undefined },
): SettingValue {
  const { kind, standard, most = MAX_COUNT, choices = [] }: SettingForm = SETTINGS[name];
  if (kind === 'count') {
    if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most) return value;
    throw fault(file, path, `is not a whole number from 1 to ${most}`);
  }
  if (kind === 'choice') {
    if (typeof value === 'string' && choices.includes(value)) return value;
    throw fault(file, path, `is none of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}`);
  }
  if (kind === 'list') {
    if (Array.isArray(value) && value.every((item) => typeof item === 'string'))
      return value as readonly string[];
    throw fault(file, path, 'is not a list of texts');
  }
  if (value === standard) return standard;
  if (typeof value === 'string' && value.startsWith('/') && !value.includes('\0')) return value;
  throw fault(file, path, 'is not an absolute path');
}

function fault({ path: file, text }: SettingsFile, path: readonly string[], what: string): Error {
  const line = lineOfKey(text, path);
  return configError('CONFIG_INVALID', `${path.join('.')} in ${file}, line ${line}, ${what}`);
}

function isName(text: string): text is SettingName {
  return Object.hasOwn(SETTINGS, text);
}

function isTable(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
