import { SETTING_NAMES, valueOf, type SettingName, type SettingValue } from '../../pure/config/settings.ts';
import { policyFile } from './registries/policy.ts';
import { registriesFiles } from './registries/registries-files.ts';
import { variableOf } from './registries/variable.ts';
import type { Roots } from './roots.ts';
import { foundSettings, settingsFiles } from './settings.ts';

export interface ShownSetting {
  readonly name: SettingName;
  readonly value: SettingValue;
  /** A file, a variable, or `default`. */
  readonly origin: string;
  readonly line?: number;
}

/** Variables that win over files. */
const VARIABLES: ReadonlyMap<SettingName, string> = new Map([
  ['store.root', 'CORTEN_ROOT'],
  ['store.run', 'CORTEN_RUN'],
]);

/** Every setting as it holds, and who says so. */
export function describeSettings({ store, run }: Roots): readonly ShownSetting[] {
  const variables = environ();
  const found = foundSettings(variables);
  const fromVariables = new Map<SettingName, string>([
    ['store.root', store],
    ['store.run', run],
  ]);
  return SETTING_NAMES.map((name): ShownSetting => {
    const variable = VARIABLES.get(name);
    const own = variable === undefined ? undefined : variableOf(variables, variable);
    if (variable !== undefined && own !== undefined) {
      return { name, value: fromVariables.get(name) ?? own, origin: variable };
    }
    const file = found.get(name);
    if (file === undefined) return { name, value: valueOf(found, name), origin: 'default' };
    return { name, value: file.value, origin: file.file, line: file.line };
  });
}

/** Files that settings come from: our own and podman's. */
export function readFiles(): readonly string[] {
  const variables = environ();
  const policy = policyFile(variables);
  const policies = policy === undefined ? [] : [policy];
  return [...settingsFiles(variables), ...registriesFiles(variables), ...policies];
}
