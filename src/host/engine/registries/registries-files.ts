import {
  NO_REGISTRIES_CONF,
  parseRegistriesConf,
  type RegistriesConf,
} from '../../../pure/config/registries-conf.ts';
import { isSysError } from '../../kernel/call.ts';
import { readDirectory, readText } from '../../kernel/files.ts';
import { exists } from '../../monitor/places.ts';
import { setting } from '../settings.ts';
import { parseToml } from '../settings/toml.ts';
import { variableOf } from './variable.ts';

/** What podman's files say; nothing, and no parser is read, where there are none. */
export function registriesConf(variables: readonly string[]): RegistriesConf {
  const paths = registriesFiles(variables);
  if (paths.length === 0) return NO_REGISTRIES_CONF;
  return parseRegistriesConf(paths.map((path) => ({ path, content: parseToml(readText(path), path) })));
}

/**
 * The files that there are, each over those before (containers-registries.conf(5)): the user's in place of the
 * machine's, and drop-ins of both. One that a setting or a variable names is the only one.
 */
export function registriesFiles(variables: readonly string[]): readonly string[] {
  const named = setting('registries.conf') || variableOf(variables, 'CONTAINERS_REGISTRIES_CONF');
  if (named !== undefined && named !== '') return [named];
  const home = variableOf(variables, 'HOME');
  const own = home === undefined ? undefined : `${home}/.config/containers`;
  const main = [own, '/etc/containers']
    .flatMap((folder) => (folder === undefined ? [] : [`${folder}/registries.conf`]))
    .filter(exists)
    .slice(0, 1);
  const dropIns = ['/etc/containers', own].flatMap((folder) => (folder === undefined ? [] : filesIn(folder)));
  return [...main, ...dropIns];
}

function filesIn(folder: string): readonly string[] {
  const path = `${folder}/registries.conf.d`;
  try {
    return readDirectory(path)
      .filter((name) => name.endsWith('.conf'))
      .toSorted()
      .map((name) => `${path}/${name}`);
  } catch (error) {
    if (isSysError(error, 'ENOENT') || isSysError(error, 'ENOTDIR')) return [];
    throw error;
  }
}
