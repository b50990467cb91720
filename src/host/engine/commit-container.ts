import { isCortenError } from '../../pure/base/errors.ts';
import type { CommitRequest } from '../../pure/config/commit-request.ts';
import { changeConfig } from '../../pure/store/change-config.ts';
import { parseReference } from '../../pure/store/reference.ts';
import { attempt, sys } from '../kernel/call.ts';
import { O } from '../kernel/constants.ts';
import { openFile, type Fd } from '../kernel/files.ts';
import type { Places } from '../monitor/places.ts';
import { writeContainerLayer } from './container-changes.ts';
import type { ContainerConfig } from './container-config.ts';
import { openContainer, statusOf } from './container-status.ts';
import { describeContainer } from './describe-container.ts';
import { engineError } from './errors.ts';
import { randomId } from './names/random.ts';
import { pauseContainer, thawIfPaused } from './pause-container.ts';
import { isPaused } from './paused.ts';
import { recordEvent } from './record-event.ts';
import type { Roots } from './roots.ts';
import { runNodeProgram } from './run-node-program.ts';

const STANDARD_OUTPUT = 1;

export interface Committing {
  readonly reference: string | undefined;
  /** Instructions of a Dockerfile. */
  readonly changes: readonly string[];
  readonly message: string | undefined;
  readonly author: string | undefined;
  /** Whether a running container stands still while its changes are read. */
  readonly isPaused: boolean;
}

/** Makes an image of what a container is now and prints its ID; an exit code. Throws ENGINE_CONTAINER_WITHOUT_IMAGE. */
export function commitContainer(roots: Roots, places: Places, committing: Committing): number {
  const { reference, changes, message, author } = committing;
  // What is wrong with the words shows before anything is read.
  if (reference !== undefined) parseReference(reference);
  changeConfig({}, changes);
  const config = requireConfig(places);
  using layer = temporaryFile(roots);
  whileStill(places, committing.isPaused, () => void writeContainerLayer(roots, places, layer.number));
  sys('lseek', layer.number, 0, 0);
  const request: CommitRequest = {
    image: config.image?.id ?? '',
    container: places.name,
    config: configOf(config),
    changes,
    ...(reference === undefined ? {} : { reference }),
    ...(message === undefined ? {} : { message }),
    ...(author === undefined ? {} : { author }),
  };
  const call = { words: ['commit'], hasNetwork: false, readable: [], request, input: layer.number };
  const code = runNodeProgram(roots, call, STANDARD_OUTPUT);
  if (code === 0) recordEvent(places, 'commit', { comment: message ?? '' });
  return code;
}

function requireConfig(places: Places): ContainerConfig {
  const config = describeContainer(places);
  if (config === undefined) {
    const text = `The container ${places.name} was never created whole: remove it with corten rm -f ${places.name}`;
    throw engineError('ENGINE_CONTAINER_DAMAGED', text);
  }
  if (config.image !== undefined) return config;
  const text = `The container ${places.name} was made of a directory, and an image grows from another: corten export and import make one of all its files`;
  throw engineError('ENGINE_CONTAINER_WITHOUT_IMAGE', text);
}

/** A file of the store without a name, so that whatever ends this leaves nothing. */
function temporaryFile({ store }: Roots): Fd {
  const path = `${store}/.commit-${randomId()}`;
  const file = openFile(path, O.RDWR | O.CREAT | O.EXCL | O.NOFOLLOW, 0o600);
  attempt('unlink', path);
  return file;
}

function whileStill(places: Places, isWanted: boolean, work: () => void): void {
  using directory = openContainer(places);
  if (!isWanted || directory === undefined || !mayPause(directory)) return work();
  if (!tryPause(places)) return work();
  try {
    work();
  } finally {
    // It may have been killed meanwhile.
    thawIfPaused(directory, places);
  }
}

/** False where the container has no cgroup to be frozen in, as a user's has none. */
function tryPause(places: Places): boolean {
  try {
    pauseContainer(places);
    return true;
  } catch (error) {
    if (isCortenError(error) && error.code === 'RUNTIME_CGROUP_MISSING') return false;
    throw error;
  }
}

function mayPause(directory: Fd): boolean {
  return statusOf(directory.number).state === 'running' && !isPaused(directory.number);
}

/** What the container runs by, as the image's configuration says it. */
function configOf(config: ContainerConfig): CommitRequest['config'] {
  return {
    User: config.user,
    Env: config.env,
    Entrypoint: config.entrypoint.length === 0 ? null : config.entrypoint,
    Cmd: config.command.length === 0 ? null : config.command,
    WorkingDir: config.workingDirectory,
    Labels: Object.fromEntries(config.labels),
    StopSignal: config.stopSignal,
  };
}
