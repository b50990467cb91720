import { createPod, DEFAULT_SHARES, type PodNamespace, type PodRequest } from '../../engine/create-pod.ts';
import { findPod } from '../../engine/find-pod.ts';
import { removePod } from '../../engine/remove-pod.ts';
import type { Roots } from '../../engine/roots.ts';
import { requireRoot } from '../../engine/start-container.ts';
import { isCortenError } from '../../../pure/base/errors.ts';
import { toBytes } from '../binary-size.ts';
import { cidFileOf } from '../corten-pending.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { labelFrom } from '../corten-labels.ts';
import { limitsFrom } from '../corten-limits.ts';
import { NETWORK_FLAGS, networkChoice } from '../corten-network-flags.ts';
import { LIMIT_FLAGS } from '../corten-setting-flags.ts';
import type { Options } from '../options.ts';
import { print } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const { expose: _expose, 'publish-all': _all, ...OWN_NETWORK_FLAGS } = NETWORK_FLAGS;

const FLAGS = {
  name: { kind: 'text', short: 'n', value: 'NAME', help: 'what to call the pod' },
  replace: { kind: 'switch', help: 'remove a pod that has the name before' },
  'pod-id-file': { kind: 'text', value: 'FILE', help: 'write the ID into a new file' },
  share: {
    kind: 'text',
    value: 'LIST',
    help: 'namespaces that its containers share, of ipc, net, pid, uts: ipc,net,uts unless given; +pid adds one; none',
  },
  infra: { kind: 'switch', help: '--infra=false is the same as --share none' },
  'exit-policy': {
    kind: 'text',
    value: 'continue|stop',
    help: 'what becomes of the pod when its last container ends: it goes on unless given',
  },
  hostname: { kind: 'text', value: 'NAME', help: "host name of its containers, the pod's name unless given" },
  ...OWN_NETWORK_FLAGS,
  label: { kind: 'list', short: 'l', value: 'KEY=VALUE', help: 'note about the pod' },
  'label-file': { kind: 'list', value: 'FILE', help: 'the notes of a file, one a line' },
  memory: { kind: 'text', short: 'm', value: 'SIZE', help: 'most memory of all its containers together' },
  cpus: { kind: 'text', value: 'NUMBER', help: 'most processors at a time of all of them' },
  'pids-limit': { kind: 'text', value: 'NUMBER', help: 'most processes of all of them' },
  ...LIMIT_FLAGS,
  'cgroup-parent': {
    kind: 'text',
    value: 'PATH',
    help: 'the cgroup below which those of its containers are made',
  },
  'shm-size': { kind: 'text', value: 'SIZE', help: 'size of the shared /dev/shm, 64m unless given' },
} as const;

const HELP = {
  usage: 'pod create [flags] [NAME]',
  summary: 'Makes a pod: containers that share a network, a host name and memory.',
  flags: FLAGS,
} as const;

const NAMESPACES: readonly PodNamespace[] = ['ipc', 'net', 'pid', 'uts'];

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  requireRoot();
  const request = requestFrom(options);
  using idFile = cidFileOf(options, 'pod-id-file');
  if (options.isOn('replace')) makeRoom(roots, request.name);
  const { id } = createPod(roots, request);
  idFile?.write(id);
  idFile?.keep();
  print(`${id}\n`);
  return 0;
}

function requestFrom(options: Options): PodRequest {
  const { network, networking } = networkChoice(options);
  if (network === 'container' || network === 'pod')
    throw usageError("A pod has networks of its own or the host's: leave --network container: out");
  const shares = sharesFrom(options);
  if (!shares.includes('net') && networking.ports.length > 0)
    throw usageError(
      'The flag --publish needs a pod whose containers share their network: give --share net too',
    );
  return {
    name: nameFrom(options),
    hostname: hostnameFrom(options.text('hostname')),
    labels: [...labelFiles(options), ...options.list('label')].map(labelFrom),
    shares,
    network,
    networking,
    limits: options.hasAny(LIMIT_FLAGS)
      ? chunk().withMoreLimits(limitsFrom(options), options)
      : limitsFrom(options),
    exitPolicy: exitPolicyFrom(options.text('exit-policy')),
    commandLine: argv.slice(1),
    ...parentFrom(options),
    ...shmSizeFrom(options.text('shm-size')),
  };
}

type Chunk = typeof import('../settings/settings.chunk.ts');

function chunk(): Chunk {
  return load('cli/settings/settings.chunk.js') as Chunk;
}

function labelFiles(options: Options): readonly string[] {
  const files = options.list('label-file');
  return files.length === 0 ? [] : chunk().readListFiles(files, 'label-file');
}

/** podman takes both forms. */
function nameFrom(options: Options): string | undefined {
  const [word, ...more] = options.rest;
  const given = options.text('name');
  if (more.length > 0 || (word !== undefined && given !== undefined))
    throw usageError(
      `Only one name is taken, not "${[...options.rest, ...(given === undefined ? [] : [given])].join(' ')}"`,
    );
  return word ?? given;
}

function sharesFrom(options: Options): readonly PodNamespace[] {
  const text = options.text('share');
  if (options.text('infra') === 'false') {
    if (text === undefined || text === 'none' || text === '') return [];
    throw usageError('The flags --infra=false and --share exclude each other');
  }
  if (text === undefined) return DEFAULT_SHARES;
  if (text === 'none' || text === '') return [];
  const isMore = text.startsWith('+');
  const wanted = (isMore ? text.slice(1) : text).split(',').map((one) => one.trim());
  const unknown = wanted.find((one) => !(NAMESPACES as readonly string[]).includes(one));
  if (unknown !== undefined)
    throw usageError(`The flag --share takes ${NAMESPACES.join(', ')} or none, not "${unknown}"`);
  return NAMESPACES.filter((one) => wanted.includes(one) || (isMore && DEFAULT_SHARES.includes(one)));
}

function exitPolicyFrom(text: string | undefined): 'continue' | 'stop' {
  if (text === undefined || text === 'continue') return 'continue';
  if (text === 'stop') return text;
  throw usageError(`The flag --exit-policy takes continue or stop, not "${text}"`);
}

function hostnameFrom(name: string | undefined): string | undefined {
  if (name === undefined || /^[a-zA-Z0-9.-]{1,64}$/.test(name)) return name;
  throw usageError(`The flag --hostname takes up to 64 of letters, digits, - and ., not "${name}"`);
}

function parentFrom(options: Options): Pick<PodRequest, 'cgroupParent'> {
  const cgroupParent =
    options.text('cgroup-parent') === undefined ? undefined : chunk().cgroupParentOf(options);
  return cgroupParent === undefined ? {} : { cgroupParent };
}

function shmSizeFrom(text: string | undefined): Pick<PodRequest, 'shmSize'> {
  if (text === undefined) return {};
  const shmSize = toBytes(text);
  if (shmSize !== undefined && shmSize > 0) return { shmSize };
  throw usageError(`The flag --shm-size takes a size such as 64m, not "${text}"`);
}

function makeRoom(roots: Roots, name: string | undefined): void {
  if (name === undefined) throw usageError('The flag --replace needs a name: give --name too');
  try {
    removePod(roots, findPod(roots, name), { isForced: true });
  } catch (error) {
    if (!isCortenError(error) || error.code !== 'ENGINE_POD_NOT_FOUND') throw error;
  }
}
