import { sys } from '../kernel/call.ts';
import { appendRecord } from '../monitor/journal.ts';
import type { Places } from '../monitor/places.ts';
import { removePod } from '../monitor/release-pod.ts';
import { checkName } from './names/container-name.ts';
import { randomId } from './names/random.ts';
import { reserve } from './names/reserve.ts';
import { MEMBERS_FOLDER } from './pods/announce-member.ts';
import { writePodConfig, type PodConfig, type PodNamespace } from './pods/pod-config.ts';
import { recordStoreEvent } from './record-event.ts';
import { podPlacesOf, type Roots } from './roots.ts';

export type { PodNamespace };

/** podman's. */
export const DEFAULT_SHARES: readonly PodNamespace[] = ['ipc', 'net', 'uts'];

/** What a user asks for. Plain data. */
export interface PodRequest extends Omit<PodConfig, 'version' | 'id' | 'name' | 'created' | 'hostname'> {
  readonly name: string | undefined;
  /** The pod's name unless given. */
  readonly hostname: string | undefined;
}

/** Puts a pod on record. Throws ENGINE_NAME_TAKEN, ENGINE_NAME_INVALID. */
export function createPod(roots: Roots, request: PodRequest): Places {
  if (request.name !== undefined) checkName(request.name);
  const id = randomId();
  const { places, directory } = reserve({
    id,
    wanted: request.name,
    kind: 'pod',
    placesOf: (name) => podPlacesOf(roots, id, name),
  });
  using _unlocked = directory;
  const { name } = places;
  try {
    const created = new Date().toISOString();
    const hostname = request.hostname ?? name.slice(0, 63);
    sys('mkdir', `${places.directory}/${MEMBERS_FOLDER}`, 0o700);
    writePodConfig(places.directory, { ...request, version: 1, id, name, created, hostname });
    appendRecord(directory.number, { event: 'created', time: created, name, image: '', command: '' }, false);
    const attributes = { ...Object.fromEntries(request.labels), name };
    recordStoreEvent(roots, { type: 'pod', action: 'create', id, attributes });
    return places;
  } catch (error) {
    removePod(places, []);
    throw error;
  }
}
