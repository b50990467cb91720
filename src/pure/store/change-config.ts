import { isCortenError } from '../base/errors.ts';
import { parseJson, type Json, type JsonObject } from '../base/json.ts';
import { storeError } from './errors.ts';
import { keyValues, words } from './change-words.ts';

/** `config` of an image's configuration (image-spec config.md#properties), with whatever it has. */
export type ProcessConfig = Readonly<Record<string, Json | undefined>>;

type Change = (config: ProcessConfig, value: string) => ProcessConfig;

const CHANGES: ReadonlyMap<string, Change> = new Map<string, Change>([
  ['CMD', (config, value) => ({ ...config, Cmd: command(value) })],
  // As Docker has it, an entry point of one's own makes the image's arguments meaningless.
  ['ENTRYPOINT', (config, value) => ({ ...config, Entrypoint: command(value), Cmd: undefined })],
  ['ENV', (config, value) => ({ ...config, Env: withVariables(config, keyValues(value)) })],
  [
    'EXPOSE',
    (config, value) => ({
      ...config,
      ExposedPorts: withKeys(config, 'ExposedPorts', words(value).map(port)),
    }),
  ],
  [
    'LABEL',
    (config, value) => ({
      ...config,
      Labels: { ...mapOf(config, 'Labels'), ...Object.fromEntries(keyValues(value)) },
    }),
  ],
  ['ONBUILD', (config, value) => ({ ...config, OnBuild: [...listOf(config, 'OnBuild'), value] })],
  ['STOPSIGNAL', (config, value) => ({ ...config, StopSignal: value })],
  ['USER', (config, value) => ({ ...config, User: value })],
  ['VOLUME', (config, value) => ({ ...config, Volumes: withKeys(config, 'Volumes', listValue(value)) })],
  ['WORKDIR', (config, value) => ({ ...config, WorkingDir: directory(config, value) })],
]);

/**
 * Applies instructions of a Dockerfile (`CMD ["sh"]`, `ENV A=b`) to what an image's containers run, one after
 * another; podman's form with `=` behind the instruction is taken too. Throws IMAGE_CHANGE_INVALID.
 */
export function changeConfig(config: ProcessConfig, changes: readonly string[]): ProcessConfig {
  return changes.reduce((current, text) => changeOnce(current, text), config);
}

function changeOnce(config: ProcessConfig, text: string): ProcessConfig {
  const found = /^\s*([A-Za-z]+)(?:\s+|\s*=\s*)([^]*?)\s*$/.exec(text);
  const change = CHANGES.get(found?.[1]?.toUpperCase() ?? '');
  const value = found?.[2] ?? '';
  if (change === undefined) {
    throw invalid(text, `begins with none of ${[...CHANGES.keys()].join(', ')}`);
  }
  if (value === '') throw invalid(text, 'has nothing behind its instruction');
  try {
    return change(config, value);
  } catch (error) {
    if (isCortenError(error) || !(error instanceof Error)) throw error;
    throw invalid(text, error.message);
  }
}

function invalid(text: string, what: string): Error {
  return storeError('IMAGE_CHANGE_INVALID', `The change ${JSON.stringify(text.slice(0, 200))} ${what}`);
}

/** The exec form is JSON; anything else is a line for the shell. */
function command(value: string): readonly string[] {
  return execForm(value) ?? ['/bin/sh', '-c', value];
}

function execForm(value: string): readonly string[] | undefined {
  if (!value.startsWith('[')) return undefined;
  try {
    const list = parseJson(value);
    if (Array.isArray(list) && list.every((item) => typeof item === 'string'))
      return list as readonly string[];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return undefined;
}

function listValue(value: string): readonly string[] {
  return execForm(value) ?? words(value);
}

function port(text: string): string {
  if (/^\d{1,5}(?:-\d{1,5})?(?:\/(?:tcp|udp|sctp))?$/.test(text))
    return text.includes('/') ? text : `${text}/tcp`;
  throw new Error(`has a port ${JSON.stringify(text)}, which is none: 80 or 53/udp`);
}

function directory(config: ProcessConfig, value: string): string {
  if (value.startsWith('/')) return value;
  const before = config['WorkingDir'];
  const base = typeof before === 'string' && before !== '' ? before : '/';
  return `${base.replace(/\/+$/, '')}/${value}`;
}

function withVariables(
  config: ProcessConfig,
  pairs: readonly (readonly [string, string])[],
): readonly string[] {
  const names = new Set(pairs.map(([name]) => name));
  const kept = listOf(config, 'Env').filter((text) => !names.has(text.replace(/=[^]*$/, '')));
  return [...kept, ...[...new Map(pairs)].map(([name, value]) => `${name}=${value}`)];
}

function withKeys(config: ProcessConfig, field: string, keys: readonly string[]): JsonObject {
  return { ...mapOf(config, field), ...Object.fromEntries(keys.map((key) => [key, {}])) };
}

function mapOf(config: ProcessConfig, field: string): JsonObject {
  const value = config[field];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function listOf(config: ProcessConfig, field: string): readonly string[] {
  const value = config[field];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
