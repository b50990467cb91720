import { usageError } from './corten-context.ts';
import { RUN_FLAGS } from './corten-run-flags.ts';
import { parseOptions } from './options.ts';

/** What a unit says by other means, or what makes no sense without the caller's terminal. */
const LEFT_OUT: readonly string[] = ['detach', 'interactive', 'name', 'rm', 'restart', 'replace', 'cidfile'];

/** The `run` that makes a container as the given command line did, in the foreground and removed at its end. */
export function newCommand(commandLine: readonly string[] | undefined, name: string): readonly string[] {
  if (commandLine === undefined) {
    throw usageError(
      `The container ${name} was made without a command line, so --new has nothing to repeat: leave it out`,
    );
  }
  const at = commandLine.findIndex((word) => word === 'run' || word === 'create');
  const options = parseOptions(commandLine.slice(at + 1), RUN_FLAGS);
  const flags = Object.keys(RUN_FLAGS)
    .filter((flag) => !LEFT_OUT.includes(flag))
    .flatMap((flag) =>
      options.list(flag).map((value) => `${flag.length === 1 ? '-' : '--'}${flag}=${value}`),
    );
  return [...commandLine.slice(0, at), 'run', '--rm', `--name=${name}`, ...flags, ...separated(options.rest)];
}

/** Without an image's name before it, a command that begins with a dash would be taken for a flag. */
function separated(rest: readonly string[]): readonly string[] {
  return rest[0]?.startsWith('-') === true ? ['--', ...rest] : rest;
}
