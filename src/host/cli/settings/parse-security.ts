import { isSysError } from '../../kernel/call.ts';
import { readText } from '../../kernel/files.ts';
import type { SecuritySettings } from '../../engine/run-settings.ts';
import { usageError } from '../corten-context.ts';
import { isDefined } from './values.ts';

const LARGEST_PROFILE = 4 << 20;

type Draft = { -readonly [Key in keyof SecuritySettings]: SecuritySettings[Key] | undefined };

/** What all --security-opt say together; both `=` and the older `:` divide name and value. */
export function parseSecurity(texts: readonly string[]): SecuritySettings | undefined {
  if (texts.length === 0) return undefined;
  const draft: Draft = {};
  for (const text of texts) {
    const [, name = '', value] = /^([a-z-]+)(?:[=:](.*))?$/s.exec(text) ?? [];
    apply(draft, { text, name, value });
  }
  const settings = isDefined<SecuritySettings>(draft);
  return Object.keys(settings).length === 0 ? undefined : settings;
}

interface Given {
  readonly text: string;
  readonly name: string;
  readonly value: string | undefined;
}

function apply(draft: Draft, { text, name, value }: Given): void {
  switch (name) {
    case 'seccomp':
      draft.seccomp = profileOf(value ?? '');
      return;
    case 'no-new-privileges':
      draft.isWithoutNewPrivileges = flagOf(value, text) || undefined;
      return;
    case 'unmask':
      draft.unmask = [...(draft.unmask ?? []), ...pathsOf(value, text)];
      return;
    case 'mask':
      draft.mask = [...(draft.mask ?? []), ...pathsOf(value, text)];
      return;
    case 'systempaths':
      if (value !== 'unconfined') throw usageError(`The option "${text}" of --security-opt takes unconfined`);
      draft.unmask = ['ALL'];
      return;
    case 'writable-cgroups':
      draft.hasWritableCgroups = flagOf(value, text) || undefined;
      return;
    case 'apparmor':
      if (value === 'unconfined') return;
      throw usageError(`Profiles of AppArmor are not supported by this version: leave "${text}" out`);
    case 'label':
      if (value === 'disable') return;
      throw usageError(`Labels of SELinux are not supported by this version: leave "${text}" out`);
    default:
      throw usageError(`The option "${text}" of --security-opt is unknown: --help shows what it takes`);
  }
}

/** `builtin` is what a container has without the flag. */
function profileOf(value: string): string | undefined {
  if (value === 'unconfined') return value;
  if (value === 'builtin' || value === 'default') return undefined;
  try {
    return readText(value, LARGEST_PROFILE);
  } catch (error) {
    if (!(error instanceof RangeError) && !isSysError(error, 'ENOENT', 'EISDIR', 'EACCES', 'ENOTDIR'))
      throw error;
    throw usageError(`The seccomp profile "${value}" can't be read: ${error.message}`);
  }
}

function flagOf(value: string | undefined, text: string): boolean {
  if (value === undefined || value === 'true') return true;
  if (value === 'false') return false;
  throw usageError(`The option "${text}" of --security-opt takes true or false`);
}

function pathsOf(value: string | undefined, text: string): readonly string[] {
  const paths = (value ?? '').split(':').filter((path) => path !== '');
  const isGood = paths.every(
    (path) => (path.startsWith('/') && !path.split('/').includes('..')) || path === 'ALL',
  );
  if (paths.length > 0 && isGood)
    return paths.map((path) => (path.length > 1 ? path.replace(/\/+$/, '') : path));
  throw usageError(`The option "${text}" of --security-opt takes absolute paths divided by colons`);
}
