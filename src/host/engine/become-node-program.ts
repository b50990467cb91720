import { formatJson } from '../../pure/base/json.ts';
import { attempt, sys, SysError } from '../kernel/call.ts';
import { CAPABILITIES, CAPABILITY_VERSION_3 } from '../kernel/capabilities.ts';
import { CLONE, F, MS, PR } from '../kernel/constants.ts';
import { makeDirectories } from '../kernel/files.ts';
import { cStrings } from '../kernel/process.ts';
import { valueOf } from '../../pure/config/settings.ts';
import { foundSettings } from './settings.ts';
import { EVENTS_VARIABLE } from '../../pure/config/image-event.ts';
import { engineError } from './errors.ts';
import { forkRecorder } from './node/event-recorder.ts';
import { findNodeProgram, type NodeProgram } from './node/find-node.ts';
import { confine, type Allowed } from './node/landlock.ts';
import { memoryInput } from './node/memory-input.ts';
import { eventsFolder, type Roots } from './roots.ts';

const W_OK = 2;
const PRIVATE = 0o700;
const PRIVATE_MASK = 0o077;
const LAST_FD = 0xffffffff;
const INPUT_FD = 3;
const EVENTS_FD = 4;
/** What a program of shared libraries needs to start. */
const LIBRARIES = ['/lib', '/lib64', '/usr/lib', '/usr/lib64', '/etc/ld.so.cache'];
/** What the store has beside images. */
const OF_CONTAINERS = [
  'containers',
  'names',
  'volumes',
  'skeleton',
  'trees',
  'events',
  'networks',
  'secrets',
];
const READ = ['/proc/self', '/proc/meminfo', '/proc/cpuinfo', '/proc/stat', '/dev/urandom', '/dev/null'];

/**
 * Node ends if it can't read OpenSSL's own file, of which it needs nothing; and an arena of malloc(3) for each of its
 * threads would take 8 MB of memory and no less time.
 */
const FOR_NODE = ['OPENSSL_CONF=/dev/null', 'MALLOC_ARENA_MAX=1'];

/** What look-ups of names read. */
const NAMES = ['resolv.conf', 'hosts', 'nsswitch.conf', 'host.conf', 'gai.conf', 'services'];

export interface NodeCall {
  /** The verb and its arguments. */
  readonly words: readonly string[];
  /** Whether it may connect to other machines. */
  readonly hasNetwork: boolean;
  /** Whether it has events of images to tell. */
  readonly hasEvents?: boolean;
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
  const environment = [`CORTEN_STORE=${roots.store}`, ...FOR_NODE, ...limitsOf(variables)];
  if (attempt('access', roots.store, W_OK) < 0) makeStore(roots.store);
  const recorder = call.hasEvents === true ? forkRecorder(eventsFolder(roots)) : -1;
  if (recorder >= 0) environment.push(`${EVENTS_VARIABLE}=${EVENTS_FD}`);
  sys('umask', PRIVATE_MASK);
  giveFiles(call, recorder);
  sys('chdir', '/');
  hideContainers(roots);
  // Nothing listens there; without the power to make it, the rest still holds.
  attempt('unshare', call.hasNetwork ? CLONE.NEWIPC : CLONE.NEWNET | CLONE.NEWIPC);
  sys('prctl', PR.SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  confine(allowedTo(found, roots, call), call.hasNetwork);
  dropCapabilities();
  execute(found, call.words, environment);
}

function makeStore(store: string): void {
  const chunk = load(
    'engine/images/read-only-store.chunk.js',
  ) as typeof import('./images/read-only-store.chunk.ts');
  const fault = chunk.readOnlyStore(store);
  if (fault !== undefined) throw fault;
  makeDirectories(store, PRIVATE);
}

/**
 * Covers what the store has of containers: they are none of its business, and what a container was wanted to be, or
 * wrote, must not be for an image's parser to change. Where a mount namespace can't be had the rest still holds.
 */
function hideContainers({ store }: Roots): void {
  if (attempt('unshare', CLONE.NEWNS) < 0) return;
  sys('mount', 'none', '/', null, MS.REC | MS.PRIVATE, null);
  for (const name of OF_CONTAINERS) {
    const path = `${store}/${name}`;
    if (attempt('access', path, 0) < 0) continue;
    sys('mount', 'tmpfs', path, 'tmpfs', MS.RDONLY | MS.NOSUID | MS.NODEV, 'size=4k,mode=500');
  }
}

/** Leaves it what it needs and no other open file. */
function giveFiles({ request, input }: NodeCall, recorder: number): void {
  // Out of the way of those that it gets.
  const events = recorder < 0 ? recorder : sys('fcntl', recorder, F.DUPFD_CLOEXEC, EVENTS_FD + 1);
  // First, since the request's own descriptor may be the one that it takes.
  if (input !== undefined && input !== INPUT_FD) sys('dup3', input, INPUT_FD, 0);
  else if (input !== undefined) sys('fcntl', INPUT_FD, F.SETFD, 0);
  if (request !== undefined) {
    using text = memoryInput(formatJson(request));
    sys('dup3', text.number, 0, 0);
  }
  if (events >= 0) sys('dup3', events, EVENTS_FD, 0);
  if (input === undefined) attempt('close', INPUT_FD);
  sys('close_range', events < 0 ? EVENTS_FD : EVENTS_FD + 1, LAST_FD, 0);
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

/** What a layer may have at most, where a setting says otherwise than the program itself. */
function limitsOf(variables: readonly string[]): readonly string[] {
  const names = ['limits.layer_gib', 'limits.layer_ratio', 'limits.layer_entries'] as const;
  const found = foundSettings(variables);
  if (!names.some((name) => found.has(name))) return [];
  return [`CORTEN_LIMITS=${names.map((name) => valueOf(found, name)).join(',')}`];
}

function execute(
  { node, program }: NodeProgram,
  words: readonly string[],
  environment: readonly string[],
): never {
  const args = cStrings([node, program, ...words]);
  const env = cStrings(environment);
  const result = attempt('execve', node, args.pointers, env.pointers);
  const failure = new SysError('execve', -result, node);
  throw engineError('ENGINE_NODE_FAILED', `Execute ${node}: ${failure.message}`, failure);
}
