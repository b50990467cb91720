import { attempt } from '../kernel/call.ts';
import { noteEntered } from '../kernel/user-namespace.ts';
import { rootsFrom, type Roots } from './roots.ts';

type Chunk = typeof import('./rootless/enter-user-namespace.chunk.ts');

/**
 * Verbs of a user other than root that need no user namespace: they look at files that the user owns, or have
 * them parsed by the Node program.
 */
const OUTSIDE: ReadonlySet<string> = new Set(
  `pull push load save import search login logout images tag history ps logs events wait port inspect image-inspect
   volume-ls volume-inspect network-ls config completion info version help __complete`.split(/\s+/),
);

/** Where a user's own things lie, the XDG Base Directory Specification says; what the variables name wins. */
function ownPlaces(variables: readonly string[], uid: number): readonly string[] {
  const variable = (name: string): string =>
    variables.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
  const data = variable('XDG_DATA_HOME') || `${variable('HOME')}/.local/share`;
  const run = variable('XDG_RUNTIME_DIR') || `/tmp/corten-${uid}`;
  return [...variables, `CORTEN_ROOT=${data}/corten`, `CORTEN_RUN=${run}/corten`];
}

/** Who called, if not root: in the user namespace that is not to be seen any more. */
let caller: number | undefined;

/** Whether this command is that of a user other than root, who has no power over the machine's network. */
export function isOfUser(): boolean {
  return caller !== undefined;
}

/** Where the caller's things lie. */
export function rootsOfCaller(): Roots {
  return rootsFrom(caller === undefined ? environ() : ownPlaces(environ(), caller));
}

/** At the begin of a command, before any other call of this file. */
export function noteCaller(): void {
  const uid = attempt('geteuid');
  if (uid !== 0) caller = uid;
}

/** Before a verb of a user other than root. */
export function enterAsUser(roots: Roots, verb: string): void {
  if (caller === undefined || OUTSIDE.has(verb)) return;
  (load('engine/rootless/enter-user-namespace.chunk.js') as Chunk).enterUserNamespace(roots);
  noteEntered();
}
