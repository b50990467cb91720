import type { ImageConfig, ImageHealthcheck } from '../../pure/spec/image.ts';
import { readText, type Fd } from '../kernel/files.ts';
import { PLATFORM } from '../kernel/numbers.ts';
import { appendRecord } from '../monitor/journal.ts';
import type { Places } from '../monitor/places.ts';
import { removeContainer } from '../monitor/remove-container.ts';
import { writeConfig, type ContainerConfig } from './container-config.ts';
import { chooseIdsModule } from './ids/ids.ts';
import { resolveImage, type ResolvedImage } from './images/resolve-image.ts';
import { withExposed } from './networking.ts';
import { checkName } from './names/container-name.ts';
import { randomId } from './names/random.ts';
import { reserve } from './names/reserve.ts';
import { announceMember } from './pods/announce-member.ts';
import { recordEvent } from './record-event.ts';
import { placesOf, type Roots } from './roots.ts';
import type { RunRequest, Volume } from './run-request.ts';
import type { HealthWish, IdsWish } from './run-settings.ts';
import { setting } from './settings.ts';
import { processOf } from './spec/process-of.ts';

const SHORT_ID = 12;
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
  if (request.pod === undefined) return create(roots, request);
  const { createInPod } = load('engine/pods/create-in-pod.chunk.js') as InPodChunk;
  return createInPod(roots, request, (adapted, pod) => create(roots, adapted, pod));
}

type InPodChunk = typeof import('./pods/create-in-pod.chunk.ts');

/** `pod` is the ID of the one that it is to be in. */
function create(roots: Roots, request: RunRequest, pod?: string): CreatedContainer {
  if (request.name !== undefined) checkName(request.name);
  const image = 'image' in request.source ? resolveImage(roots, request.source.image) : undefined;
  if (image !== undefined) checkPlatform(request, image.config);
  const process = processOf(request, image?.config.config);
  const id = randomId();
  // Before its name: what a killed command leaves of it goes with the pod.
  if (pod !== undefined) announceMember(roots, pod, id);
  const { places, directory } = reserve({
    id,
    wanted: request.name,
    kind: 'container',
    placesOf: (name) => placesOf(roots, id, name),
  });
  try {
    const volumes = volumesFor(roots, request, image);
    if (request.settings.secrets !== undefined) claimChunk().requireSecrets(roots, request.settings.secrets);
    if (volumes.some(({ type }) => type === 'volume')) {
      claimChunk().claimVolumes(roots, volumes, { id, path: places.directory });
    }
    const config = record(roots, places, { request, image, process, id, name: places.name, volumes, pod });
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

/** Its ids are chosen under a lock that holds until others can read which they are. */
function record(roots: Roots, places: Places, parts: Parts): ContainerConfig {
  const wish = parts.request.settings.ids ?? (parts.pod === undefined ? standardIds() : undefined);
  const chosen = wish && chooseIdsModule().chooseIds(roots, wish);
  using _lock = chosen?.lock;
  const config = { ...configOf(parts), ...(chosen?.ids === undefined ? {} : { ids: chosen.ids }) };
  writeConfig(places.directory, config);
  return config;
}

/** What corten.toml has for containers without a flag of their own. */
function standardIds(): IdsWish | undefined {
  return setting('containers.userns') === 'auto' ? { kind: 'auto' } : undefined;
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
  readonly pod: string | undefined;
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

function configOf({ request, image, process, id, name, volumes, pod }: Parts): ContainerConfig {
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
    ...(pod === undefined ? {} : { pod }),
  };
}
