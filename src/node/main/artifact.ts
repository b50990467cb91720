import type { PullArtifactRequest, PushArtifactRequest } from '../../pure/config/artifact-request.ts';
import { pullArtifact, pushArtifact } from '../images/artifact.ts';
import { readRequest } from './read-request.ts';
import type { VerbContext } from './verb-context.ts';

/** `artifact-push`: the request comes on standard input, the artifact's digest goes to output. */
export async function artifactPush(_args: readonly string[], { signal }: VerbContext): Promise<number> {
  console.log(await pushArtifact({ ...readRequest<PushArtifactRequest>(), signal }));
  return 0;
}

/** `artifact-pull`: the request comes on standard input, the names of the files go to output. */
export async function artifactPull(_args: readonly string[], { signal }: VerbContext): Promise<number> {
  for (const name of await pullArtifact({ ...readRequest<PullArtifactRequest>(), signal })) {
    console.log(name.replaceAll(/[\x00-\x1f\x7f-\x9f]/g, '?'));
  }
  return 0;
}
