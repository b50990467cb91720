import { CortenError } from '../../../pure/base/errors.ts';
import { attempt, isSysError, sys } from '../../kernel/call.ts';
import { createFile } from '../../kernel/files.ts';
import { DEFAULT_CONFIG, rootlessConfig } from '../../runtime/default-spec.ts';
import type { RuntContext } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'spec [flags]',
  flagPlace: 'anywhere',
  summary: 'Writes a config.json to start from.',
  flags: {
    bundle: { kind: 'text', short: 'b', value: 'DIR', help: 'where to, the current directory unless given' },
    rootless: { kind: 'switch', help: 'for a container of a user other than root, the one who calls' },
  },
} as const;

export function main({ words }: RuntContext): number {
  const options = parseVerb('runt', HELP, words);
  if (options === undefined) return 0;
  const path = `${options.text('bundle') ?? '.'}/config.json`;
  try {
    const config = documentFor(options.isOn('rootless'));
    createFile(path, `${JSON.stringify(config, null, '\t')}\n`, 0o644);
  } catch (error) {
    if (!isSysError(error, 'EEXIST')) throw error;
    throw new CortenError(
      'already_exists',
      'CLI_FILE_EXISTS',
      `The file ${path} exists already: remove it first`,
      { cause: error },
    );
  }
  return 0;
}

/** Where cgroups are of version 2 alone a container has a namespace of them, as runc has it. */
function documentFor(isRootless: boolean): object {
  const config: { readonly linux: { readonly namespaces: readonly object[] } } = isRootless
    ? rootlessConfig(sys('geteuid'), sys('getegid'))
    : DEFAULT_CONFIG;
  if (attempt('access', '/sys/fs/cgroup/cgroup.controllers', 0) < 0) return config;
  const { linux } = config;
  return { ...config, linux: { ...linux, namespaces: [...linux.namespaces, { type: 'cgroup' }] } };
}
