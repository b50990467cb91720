import { CortenError } from '../../pure/base/errors.ts';
import { ALIASES, GROUPS } from './corten-groups.chunk.ts';
import { VERBS } from './corten-verbs.ts';
import { orNearest } from './nearest.ts';

/** Commands of the peers that are to come, and what serves meanwhile. */
const NOT_YET: ReadonlyMap<string, string> = new Map([
  ['build', 'build the image with another tool, and bring it here by corten load or corten pull'],
  ['buildx', 'build the image with another tool, and bring it here by corten load or corten pull'],
  ['compose', 'start the containers of the file one by one with corten run'],
  ['swarm', 'this engine is for one machine'],
  ['service', 'this engine is for one machine: corten run starts a container'],
  ['stack', 'this engine is for one machine: corten run starts a container'],
  ['machine', 'corten runs on Linux itself, without a virtual machine'],
]);

/** What is said of a command that isn't there. */
export function unknownVerb(name: string): CortenError {
  const meanwhile = NOT_YET.get(name);
  if (meanwhile !== undefined) {
    const text = `The command ${name} is not there yet: ${meanwhile}`;
    return new CortenError('unimplemented', 'CLI_VERB_UNSUPPORTED', text);
  }
  const hint = orNearest(name, () => [...VERBS.keys(), ...ALIASES.keys(), ...GROUPS.keys()]);
  const text = `Unknown command "${name}": corten --help lists the commands${hint}`;
  return new CortenError('invalid_argument', 'CLI_VERB_UNKNOWN', text);
}

/** The same of a word within a group. */
export function unknownInGroup(name: string, sub: string): CortenError {
  const hint = orNearest(sub, () => GROUPS.get(name)?.keys() ?? []);
  const text = `Unknown command "${name} ${sub}": corten ${name} --help lists the commands${hint}`;
  return new CortenError('invalid_argument', 'CLI_VERB_UNKNOWN', text);
}
