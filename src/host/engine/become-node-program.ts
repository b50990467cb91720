import { formatJson } from '../../pure/base/json.ts';
import { attempt, sys, SysError } from '../kernel/call.ts';
import { CAPABILITIES, CAPABILITY_VERSION_3 } from '../kernel/capabilities.ts';
import { CLONE, F, PR } from '../kernel/constants.ts';
import { makeDirectories } from '../kernel/files.ts';
import { cStrings } from '../kernel/process.ts';
import { engineError } from './errors.ts';
import { findNodeProgram, type NodeProgram } from './node/find-node.ts';
import { confine, type Allowed } from './node/landlock.ts';
import { memoryInput } from './node/memory-input.ts';
import type { Roots } from './roots.ts';

const PRIVATE = 0o700;
const PRIVATE_MASK = 0o077;
const LAST_FD = 0xffffffff;
const INPUT_FD = 3;
/** What a program of shared libraries needs to start. */
const LIBRARIES = ['/lib', '/lib64', '/usr/lib', '/usr/lib64', '/etc/ld.so.cache'];
const READ = ['/proc/self', '/proc/meminfo', '/proc/cpuinfo', '/proc/stat', '/dev/urandom', '/dev/null'];

/** What look-ups of names read. */
const NAMES = ['resolv.conf', 'hosts', 'nsswitch.conf', 'host.conf', 'gai.conf', 'services'];

export interface NodeCall {
  /** The verb and its arguments. */
  readonly words: readonly string[];
  /** Whether it may connect to other machines. */
  readonly hasNetwork: boolean;
  /** Files of the host that it may read besides. */
  readonly readable: readonly string[];
  /** Directories of the host that it may write besides. */
  readonly writable?: readonly string[];
  /** An open file that it gets as descriptor 3. */
  readonly input?: number;
  /** Given as standard input. */
  readonly request?: object;
}

/**
 * This process becomes the Node program, which parses what strangers made: without capabilities, without network
 * unless the call needs it, confined to the store, and with nothing of the caller's environment. Never returns;
 * throws ENGINE_NODE_MISSING.
 */
export function becomeNodeProgram(roots: Roots, call: NodeCall, variables: readonly string[]): never {
  const found = findNodeProgram(variables);
  makeDirectories(roots.store, PRIVATE);
  sys('umask', PRIVATE_MASK);
  giveFiles(call);
  sys('chdir', '/');
  // Nothing listens there; without the power to make it, the rest still holds.
  attempt('unshare', call.hasNetwork ? CLONE.NEWIPC : CLONE.NEWNET | CLONE.NEWIPC);
  sys('prctl', PR.SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  confine(allowedTo(found, roots, call), call.hasNetwork);
  dropCapabilities();
  execute(found, call.words, roots);
}

/** Leaves it what it needs and no other open file. */
function giveFiles({ request, input }: NodeCall): void {
  // First, since the request's own descriptor may be the one that it takes.
  if (input !== undefined && input !== INPUT_FD) sys('dup3', input, INPUT_FD, 0);
  else if (input !== undefined) sys('fcntl', INPUT_FD, F.SETFD, 0);
  if (request !== undefined) {
    using text = memoryInput(formatJson(request));
    sys('dup3', text.number, 0, 0);
  }
  sys('close_range', input === undefined ? INPUT_FD : INPUT_FD + 1, LAST_FD, 0);
}

function allowedTo(
  { node, program }: NodeProgram,
  { store }: Roots,
  { hasNetwork, readable, writable = [] }: NodeCall,
): readonly Allowed[] {
  const folders = program.split('/').map((_, index, parts) => parts.slice(0, index).join('/'));
  const names = hasNetwork ? NAMES.map((name) => `/etc/${name}`) : [];
  return [
    ...[store, ...writable].map((path): Allowed => ({ path, access: 'write' })),
    { path: folders.at(-1) ?? '/', access: 'read' },
    { path: node, access: 'execute' },
    // Node looks upwards for the one that says what kind of module a file is, and ends if it may not read it.
    ...folders.map((folder): Allowed => ({ path: `${folder}/package.json`, access: 'read' })),
    ...LIBRARIES.map((path): Allowed => ({ path, access: 'execute' })),
    ...[...READ, ...names, ...readable].map((path): Allowed => ({ path, access: 'read' })),
  ];
}

/** The bounding set too: it is what an executed program of root's would get back. */
function dropCapabilities(): void {
  for (let number = 0; number < CAPABILITIES.length; number++)
    attempt('prctl', PR.CAPBSET_DROP, number, 0, 0, 0);
  sys('capset', new Uint32Array([CAPABILITY_VERSION_3, 0]), new Uint32Array(6));
}

function execute({ node, program }: NodeProgram, words: readonly string[], { store }: Roots): never {
  const args = cStrings([node, program, ...words]);
  // Node ends if it can't read OpenSSL's own file, of which it needs nothing.
  const env = cStrings([`CORTEN_STORE=${store}`, 'OPENSSL_CONF=/dev/null']);
  const result = attempt('execve', node, args.pointers, env.pointers);
  const failure = new SysError('execve', -result, node);
  throw engineError('ENGINE_NODE_FAILED', `Execute ${node}: ${failure.message}`, failure);
}
