import type { IdMaps } from '../../pure/spec/id-shift.ts';
import { fits, type Shape } from '../../pure/base/shape.ts';
import { O } from '../kernel/constants.ts';
import { createFile, openAt, readAll, replaceDurably } from '../kernel/files.ts';
import { CONFIG_FILE } from '../monitor/places.ts';
import { engineError } from './errors.ts';
import type { Networking } from './networking.ts';
import type { Label, Limits, Network, Volume } from './run-request.ts';
import type { HealthSetting, RunSettings } from './run-settings.ts';

/** What was wanted of a container: its config.json, written before anything is done for it. */
export interface ContainerConfig {
  readonly version: 1;
  readonly id: string;
  readonly name: string;
  /** RFC 3339. */
  readonly created: string;
  readonly image?: ConfigImage;
  /** A directory of the host instead of an image. */
  readonly rootfs?: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly env: readonly string[];
  readonly workingDirectory: string;
  readonly user: string;
  readonly hostname: string;
  readonly volumes: readonly Volume[];
  readonly network: Network;
  readonly networking: Networking;
  readonly isReadOnly: boolean;
  readonly limits: Limits;
  readonly labels: readonly Label[];
  readonly stopSignal: string;
  readonly hasTerminal: boolean;
  readonly consoleSize?: { readonly height: number; readonly width: number };
  /** The host's ids that it has, where they are other ones. */
  readonly ids?: IdMaps;
  readonly hasStdin: boolean;
  readonly isAutoRemove: boolean;
  /** The check that is carried out, be it the image's or the user's; absent where there is none. */
  readonly health?: HealthSetting;
  /** Absent where nothing of it was asked for. */
  readonly settings?: RunSettings;
  /** The words of the command that made it, the program's own name left out. */
  readonly commandLine?: readonly string[];
  /** ID of the pod that it is in. */
  readonly pod?: string;
}

export interface ConfigImage {
  /** As the user wrote it. */
  readonly reference: string;
  readonly id: string;
  /** EROFS files relative to the store, bottom first. */
  readonly layers: readonly string[];
}

const LIMIT = 16 << 20;

export function writeConfig(directory: string, config: ContainerConfig): void {
  createFile(`${directory}/${CONFIG_FILE}`, JSON.stringify(config));
}

/** What later commands rely on; a damaged disk may have left JSON that is no such document. */
const SHAPE: Shape = {
  version: 1,
  id: '',
  name: '',
  created: '',
  'image?': { reference: '', id: '', layers: [''] },
  'rootfs?': '',
  entrypoint: [''],
  command: [''],
  env: [''],
  workingDirectory: '',
  user: '',
  hostname: '',
  volumes: [{ type: '', source: '', destination: '', mode: '' }],
  networking: {
    networks: [{ network: '', aliases: [''] }],
    ports: [{ hostPorts: [0], port: 0, protocol: '' }],
    exposed: [{ port: 0, protocol: '' }],
    dns: [''],
    dnsSearch: [''],
    dnsOptions: [''],
    hosts: [['']],
  },
  limits: {},
  labels: [['']],
  stopSignal: '',
  'settings?': {},
  'ids?': { uid: [{ containerID: 0, hostID: 0, size: 0 }], gid: [{ containerID: 0, hostID: 0, size: 0 }] },
  'health?': { test: [''] },
  'commandLine?': [''],
  'pod?': '',
};

/** Puts another in its place, whole. */
export function replaceConfig(directory: string, config: ContainerConfig): void {
  replaceDurably(`${directory}/${CONFIG_FILE}`, JSON.stringify(config));
}

/** Of an open container directory. Throws ENGINE_CONTAINER_DAMAGED where it was never written whole. */
export function readConfig(directory: number, name: string): ContainerConfig {
  try {
    using file = openAt(directory, CONFIG_FILE, O.RDONLY | O.NOFOLLOW);
    const content = readAll(file.number, LIMIT);
    const config: unknown = JSON.parse(utf8(content, 0, content.length));
    if (fits(config, SHAPE)) return config as ContainerConfig;
    throw new TypeError('another shape');
  } catch (error) {
    const text = `The container ${name} was never created whole: remove it with corten rm -f ${name}`;
    throw engineError('ENGINE_CONTAINER_DAMAGED', text, error);
  }
}
