import { valueOf, type FoundSettings, type SettingName, type ValueOf } from '../../pure/config/settings.ts';
import { attempt } from '../kernel/call.ts';
import { engineError } from './errors.ts';

const SYSTEM_FILE = '/etc/corten/corten.toml';
const NONE: FoundSettings = new Map();

let cached: { readonly key: string; readonly found: FoundSettings } | undefined;

/** A setting as the files say; its standard value where none does. */
export function setting<N extends SettingName>(name: N): ValueOf<N> {
  return valueOf(foundSettings(environ()), name);
}

/**
 * What the files of settings say: the machine's, the user's, and the one that CORTEN_CONFIG names, each over those
 * before. Where there is none this costs a look at each place; the parser is not even loaded.
 */
export function foundSettings(variables: readonly string[]): FoundSettings {
  const paths = settingsFiles(variables);
  if (paths.length === 0) return NONE;
  const key = paths.join('\n');
  if (cached?.key === key) return cached.found;
  const { readSettingsFiles } = load('engine/settings/read-files.chunk.js') as unknown as {
    readonly readSettingsFiles: (paths: readonly string[]) => FoundSettings;
  };
  const found = readSettingsFiles(paths);
  cached = { key, found };
  return found;
}

/** The files of settings that there are. */
export function settingsFiles(variables: readonly string[]): readonly string[] {
  const variable = (name: string): string => {
    const text = variables.find((one) => one.startsWith(name) && one[name.length] === '=');
    return text === undefined ? '' : text.slice(name.length + 1);
  };
  const home = variable('HOME');
  const folder = variable('XDG_CONFIG_HOME') || (home === '' ? '' : `${home}/.config`);
  const own = variable('CORTEN_CONFIG');
  if (own !== '' && attempt('access', own, 0) < 0) {
    const text = `The file ${own} that CORTEN_CONFIG names is missing: set the variable right or unset it`;
    throw engineError('ENGINE_SETTINGS', text);
  }
  const user = folder === '' ? [] : [`${folder}/corten/corten.toml`];
  const there = [SYSTEM_FILE, ...user].filter((path) => attempt('access', path, 0) === 0);
  return own === '' ? there : [...there, own];
}
