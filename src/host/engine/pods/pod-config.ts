import { fits, type Shape } from '../../../pure/base/shape.ts';
import { O } from '../../kernel/constants.ts';
import { createFile, openAt, readAll } from '../../kernel/files.ts';
import { cgroupsPath } from '../../monitor/places.ts';
import { engineError } from '../errors.ts';
import type { Networking } from '../networking.ts';
import type { Label, Limits, Network } from '../run-request.ts';

export type PodNamespace = 'ipc' | 'net' | 'pid' | 'uts';

/** What was wanted of a pod: its pod.json, written before anything is done for it. */
export interface PodConfig {
  readonly version: 1;
  readonly id: string;
  readonly name: string;
  /** RFC 3339. */
  readonly created: string;
  readonly hostname: string;
  readonly labels: readonly Label[];
  /** What its containers share; with nothing it needs no monitor. */
  readonly shares: readonly PodNamespace[];
  readonly network: Exclude<Network, 'container' | 'pod'>;
  readonly networking: Networking;
  readonly limits: Limits;
  /** An absolute path below the root of each hierarchy. */
  readonly cgroupParent?: string;
  /** Bytes of /dev/shm. */
  readonly shmSize?: number;
  /** Whether the pod ends when the last of its containers has ended, or goes on. */
  readonly exitPolicy: 'continue' | 'stop';
  /** The words of the command that made it. */
  readonly commandLine?: readonly string[];
}

export const POD_FILE = 'pod.json';
const LIMIT = 16 << 20;

const SHAPE: Shape = {
  version: 1,
  id: '',
  name: '',
  created: '',
  hostname: '',
  labels: [['']],
  shares: [''],
  network: '',
  networking: {
    networks: [{ network: '', aliases: [''] }],
    ports: [{ hostPorts: [0], port: 0, protocol: '' }],
    dns: [''],
    dnsSearch: [''],
    dnsOptions: [''],
    hosts: [['']],
  },
  limits: {},
  'cgroupParent?': '',
  'shmSize?': 0,
  exitPolicy: '',
  'commandLine?': [''],
};

export function writePodConfig(directory: string, config: PodConfig): void {
  createFile(`${directory}/${POD_FILE}`, JSON.stringify(config));
}

/** Of an open directory. Throws ENGINE_POD_DAMAGED where it was never written whole. */
export function readPodConfig(directory: number, name: string): PodConfig {
  try {
    using file = openAt(directory, POD_FILE, O.RDONLY | O.NOFOLLOW);
    const content = readAll(file.number, LIMIT);
    const config: unknown = JSON.parse(utf8(content, 0, content.length));
    if (fits(config, SHAPE)) return config as PodConfig;
    throw new TypeError('another shape');
  } catch (error) {
    const text = `The pod ${name} was never created whole: remove it with corten pod rm -f ${name}`;
    throw engineError('ENGINE_POD_DAMAGED', text, error);
  }
}

/** The cgroup that all of its containers are in; undefined where nothing limits them together. */
export function podCgroup({ id, limits, cgroupParent }: PodConfig): string | undefined {
  return Object.keys(limits).length === 0 ? undefined : cgroupsPath(id, cgroupParent);
}

/** Whether a process has to keep something for its containers. */
export function hasMonitor(config: PodConfig): boolean {
  return config.shares.length > 0 || podCgroup(config) !== undefined;
}
