import { attempt, sys } from '../../kernel/call.ts';
import { Fd, readAll } from '../../kernel/files.ts';
import { cStrings, exit, fork, pipe, waitFor } from '../../kernel/process.ts';
import { engineError } from '../errors.ts';
import { canonicalPath, isRootsAlone } from './trusted.ts';

const PROGRAM = 'corten-node.js';
const OLDEST_NODE = 24;

const EXECUTABLE = '/proc/self/exe';
let remembered: string | undefined;

/** Before this process gets mounts of its own, among which the file that it runs has no path any more. */
export function rememberExecutable(): void {
  remembered = canonicalPath(EXECUTABLE);
}

export interface NodeProgram {
  /** Both without links. */
  readonly node: string;
  readonly program: string;
}

/**
 * Node and the program for it. The Node beside our own executable is as trustworthy as that itself; any other, by
 * CORTEN_NODE or in PATH, runs as root only if nobody but root could have put something else in its place.
 */
export function findNodeProgram(variables: readonly string[]): NodeProgram {
  const directory = directoryOf(remembered ?? canonicalPath(EXECUTABLE) ?? '/');
  const program = [`${directory}/../build/node/${PROGRAM}`, `${directory}/${PROGRAM}`]
    .map(canonicalPath)
    .find((path) => path !== undefined);
  if (program === undefined) {
    throw engineError(
      'ENGINE_NODE_MISSING',
      `The file ${PROGRAM} is missing beside ${directory}: install corten whole, or build it by npm run build`,
    );
  }
  return { node: canonicalPath(`${directory}/node`) ?? findElsewhere(variables), program };
}

function findElsewhere(variables: readonly string[]): string {
  const named = valueOf(variables, 'CORTEN_NODE');
  const places = named === undefined ? pathsOf(variables) : [named];
  const found = places.map(canonicalPath).find((path) => path !== undefined && isUsable(path));
  if (found !== undefined) return found;
  const text = `This needs Node.js ${OLDEST_NODE} or newer, owned by root alone: install it in PATH, or name it by CORTEN_NODE`;
  throw engineError('ENGINE_NODE_MISSING', text);
}

function pathsOf(variables: readonly string[]): readonly string[] {
  const directories = (valueOf(variables, 'PATH') ?? '').split(':');
  return directories.filter((path) => path.startsWith('/')).map((path) => `${path}/node`);
}

function valueOf(variables: readonly string[], name: string): string | undefined {
  return variables.find((variable) => variable.startsWith(`${name}=`))?.slice(name.length + 1);
}

function isUsable(path: string): boolean {
  return (attempt('geteuid') !== 0 || isRootsAlone(path)) && versionOf(path) >= OLDEST_NODE;
}

/** 0 for what does not say. */
function versionOf(node: string): number {
  const [reading, writing] = pipe();
  const pid = fork();
  if (pid === 0) printVersion(node, writing);
  attempt('close', writing);
  using output = new Fd(reading);
  const content = readAll(output.number, 1 << 16);
  waitFor(pid);
  return Number(/^v(\d+)\./.exec(utf8(content))?.[1] ?? 0);
}

/** In the child: nothing it throws may reach the parent's frames. */
function printVersion(node: string, output: number): never {
  try {
    sys('dup3', output, 1, 0);
    // Both stay alive until the call: the pointers are into their buffers.
    const args = cStrings([node, '--version']);
    const env = cStrings([]);
    sys('execve', node, args.pointers, env.pointers);
  } finally {
    exit(127);
  }
}

function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
