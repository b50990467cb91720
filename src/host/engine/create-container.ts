import type { ImageConfig, ImageHealthcheck } from '../../pure/spec/image.ts';
import { attempt, isSysError, sys } from '../kernel/call.ts';
import { makeDirectories, readText, type Fd } from '../kernel/files.ts';
import { PLATFORM } from '../kernel/numbers.ts';
import { appendRecord } from '../monitor/journal.ts';
import { lockDirectory, lockNames, readName, type Places } from '../monitor/places.ts';
import { removeContainer } from '../monitor/remove-container.ts';
import { writeConfig, type ContainerConfig } from './container-config.ts';
import { engineError } from './errors.ts';
import { resolveImage, type ResolvedImage } from './images/resolve-image.ts';
import { withExposed } from './networking.ts';
import { checkName, randomName } from './names/container-name.ts';
import { randomId } from './names/random.ts';
import { recordEvent } from './record-event.ts';
import { containersFolder, placesOf, type Roots } from './roots.ts';
import type { RunRequest, Volume } from './run-request.ts';
import type { HealthWish } from './run-settings.ts';
import { processOf } from './spec/process-of.ts';

const PRIVATE = 0o700;
const SHORT_ID = 12;
/** Names without a number that are tried first. */
const PLAIN_TRIES = 4;
const DEFAULT_STOP_SIGNAL = 'SIGTERM';

/** A container that is on record, and of which nothing else exists yet. */
export interface CreatedContainer {
  readonly config: ContainerConfig;
  readonly places: Places;
  /** Its directory, locked. */
  readonly directory: Fd;
}

/** Puts a container on record. Throws what resolveImage() throws, ENGINE_NAME_TAKEN and others of errors.ts. */
export function createContainer(roots: Roots, request: RunRequest): CreatedContainer {
  if (request.name !== undefined) checkName(request.name);
  const image = 'image' in request.source ? resolveImage(roots, request.source.image) : undefined;
  if (image !== undefined) checkPlatform(request, image.config);
  const process = processOf(request, image?.config.config);
  const id = randomId();
  const { places, directory } = reserve(roots, id, request.name);
  try {
    const volumes = volumesFor(roots, request, image);
    if (request.settings.secrets !== undefined) claimChunk().requireSecrets(roots, request.settings.secrets);
    if (volumes.some(({ type }) => type === 'volume')) {
      claimChunk().claimVolumes(roots, volumes, { id, path: places.directory });
    }
    const config = configOf({ request, image, process, id, name: places.name, volumes });
    writeConfig(places.directory, config);
    const command = [...config.entrypoint, ...config.command].join(' ');
    const shown = config.image?.reference ?? config.rootfs ?? '';
    appendRecord(
      directory.number,
      { event: 'created', time: config.created, name: config.name, image: shown, command },
      false,
    );
    recordEvent(places, 'create', { ...Object.fromEntries(config.labels), image: shown, name: places.name });
    return { config, places, directory };
  } catch (error) {
    removeContainer(places, true);
    directory.close();
    throw error;
  }
}

/** What this machine runs is taken as it is, unless a platform is asked for. */
function checkPlatform({ source, platform }: RunRequest, image: ImageConfig): void {
  if (platform === undefined && (image.architecture === PLATFORM || image.architecture === '')) return;
  const { requirePlatform } = load(
    'engine/images/fitting-platform.chunk.js',
  ) as typeof import('./images/fitting-platform.chunk.ts');
  requirePlatform('image' in source ? source.image : '', image, platform);
}

/**
 * The name first, by which whatever a killed command leaves can be found and removed; then the directory. Both
 * under the lock of the names, so that nobody frees the name between.
 */
function reserve(
  roots: Roots,
  id: string,
  wanted: string | undefined,
): { readonly places: Places; readonly directory: Fd } {
  const folder = openNames(roots, id);
  using _unlocked = folder;
  const places = placesOf(roots, id, wanted ?? reserveRandomName(folder.number, id));
  if (wanted !== undefined) reserveName(folder.number, id, wanted);
  try {
    sys('mkdir', places.directory, PRIVATE);
    return { places, directory: lockDirectory(places.directory) };
  } catch (error) {
    attempt('unlinkat', folder.number, places.name, 0);
    throw error;
  }
}

function openNames(roots: Roots, id: string): Fd {
  const { names } = placesOf(roots, id, '');
  try {
    return lockNames(names, 'shared');
  } catch (error) {
    if (!isSysError(error, 'ENOENT')) throw error;
  }
  makeDirectories(roots.store, PRIVATE);
  for (const folder of [names, containersFolder(roots)]) makeDirectories(folder, PRIVATE);
  return lockNames(names, 'shared');
}

function reserveName(folder: number, id: string, name: string): void {
  try {
    sys('symlinkat', id, folder, name);
  } catch (error) {
    if (!isSysError(error, 'EEXIST')) throw error;
    const owner = readName(folder, name).slice(0, SHORT_ID);
    const text = `The name "${name}" belongs to the container ${owner}: remove that one by corten rm ${name}, or choose another name`;
    throw engineError('ENGINE_NAME_TAKEN', text, error);
  }
}

function reserveRandomName(folder: number, id: string): string {
  for (let tries = 0; ; tries++) {
    const name = randomName(tries >= PLAIN_TRIES);
    const result = attempt('symlinkat', id, folder, name);
    if (result === 0) return name;
    if (result !== -17) sys('symlinkat', id, folder, name);
  }
}

type ClaimChunk = typeof import('./volumes/claim-volumes.chunk.ts');

function claimChunk(): ClaimChunk {
  return load('engine/volumes/claim-volumes.chunk.js') as ClaimChunk;
}

function volumesFor(
  roots: Roots,
  { volumes, settings }: RunRequest,
  image: ResolvedImage | undefined,
): readonly Volume[] {
  const ofImage = image?.config.config.Volumes ?? [];
  const fromContainers = settings.volumesFrom ?? [];
  const isPlain =
    ofImage.length + fromContainers.length === 0 && volumes.every(({ type }) => type === 'bind');
  return isPlain ? volumes : claimChunk().resolveVolumes(roots, { volumes, ofImage, fromContainers });
}

interface Parts {
  readonly request: RunRequest;
  readonly image: ResolvedImage | undefined;
  readonly process: ReturnType<typeof processOf>;
  readonly id: string;
  readonly name: string;
  readonly volumes: readonly Volume[];
}

/** The image's check as the user changes it; none of either is no field. */
function healthOf(
  wish: HealthWish | undefined,
  ofImage: ImageHealthcheck | undefined,
): Pick<ContainerConfig, 'health'> {
  if (wish === undefined && ofImage === undefined) return {};
  const chunk = load(
    'engine/health/resolve-health.chunk.js',
  ) as typeof import('./health/resolve-health.chunk.ts');
  const health = chunk.resolveHealth(wish, ofImage);
  return health === undefined ? {} : { health };
}

function configOf({ request, image, process, id, name, volumes }: Parts): ContainerConfig {
  const {
    source,
    network,
    labels,
    isReadOnly,
    limits,
    hasTerminal,
    hasStdin,
    isAutoRemove,
    consoleSize,
    settings,
    commandLine,
  } = request;
  const ownHostname =
    network === 'host' ? readText('/proc/sys/kernel/hostname').trim() : id.slice(0, SHORT_ID);
  return {
    version: 1,
    id,
    name,
    created: new Date().toISOString(),
    ...('rootfs' in source ? { rootfs: source.rootfs } : {}),
    ...('image' in source && image !== undefined
      ? { image: { reference: source.image, id: image.record.id, layers: image.record.layers } }
      : {}),
    ...process,
    hostname: request.hostname ?? ownHostname,
    volumes,
    network,
    networking: withExposed(request.networking, image?.config.config.ExposedPorts ?? []),
    isReadOnly,
    limits,
    labels: [...new Map([...(image?.config.config.Labels ?? []), ...labels])],
    stopSignal: settings.stopSignal ?? (image?.config.config.StopSignal || DEFAULT_STOP_SIGNAL),
    hasTerminal,
    ...(consoleSize === undefined ? {} : { consoleSize }),
    hasStdin,
    isAutoRemove,
    ...healthOf(settings.health, image?.config.config.Healthcheck),
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
    ...(commandLine === undefined ? {} : { commandLine }),
  };
}
