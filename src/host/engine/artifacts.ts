import type { PullArtifactRequest, PushArtifactRequest } from '../../pure/config/artifact-request.ts';
import type { Annotations } from '../../pure/spec/image.ts';
import { parseReference } from '../../pure/store/reference.ts';
import { attempt } from '../kernel/call.ts';
import { manifestWord } from './ask-registry.ts';
import { becomeNodeProgram } from './become-node-program.ts';
import { engineError } from './errors.ts';
import { canonicalPath } from './node/trusted.ts';
import { registryAccess } from './registries/registry-access.ts';
import type { Roots } from './roots.ts';
import { runNodeProgram } from './run-node-program.ts';
import { makeDirectory } from './transfer/make-directory.ts';
import { openInput } from './transfer/open-input.ts';

const STANDARD_OUTPUT = 1;
const PLAIN_FILE = 'application/octet-stream';

export interface PushingArtifact {
  readonly reference: string;
  /** Paths, each with a media type behind a colon if it has one. */
  readonly files: readonly string[];
  readonly artifactType: string;
  readonly annotations: Annotations;
  /** An image of the same repository. */
  readonly subject: string | undefined;
}

/** Puts files into a registry, and ends this process with the exit code. */
export function pushArtifact(roots: Roots, pushing: PushingArtifact): never {
  const { reference, artifactType, annotations, subject } = pushing;
  const { domain, path, tag } = parseReference(reference);
  const files = pushing.files.map(fileOf);
  const access = registryAccess({ domain, repository: path });
  const request: PushArtifactRequest = {
    access,
    reference,
    hasTag: subject === undefined || reference.endsWith(`:${tag}`),
    files,
    artifactType,
    annotations,
    ...(subject === undefined ? {} : { subject: subjectOf(subject, `${domain}/${path}`) }),
  };
  const own = access.authorities === undefined ? [] : [access.authorities];
  const readable = [...own, ...files.map((file) => file.path)];
  return becomeNodeProgram(
    roots,
    { words: ['artifact-push'], hasNetwork: true, readable, request },
    environ(),
  );
}

function fileOf(text: string): PushArtifactRequest['files'][number] {
  const [, name = text, mediaType = PLAIN_FILE] = /^([^]+):([\w.+-]+\/[\w.+-]+)$/.exec(text) ?? [];
  const { file, isDirectory } = openInput(name);
  file.close();
  if (isDirectory) throw engineError('ENGINE_ARCHIVE_MISSING', `The file ${name} is a directory`);
  return { path: canonicalPath(name) ?? name, title: name.slice(name.lastIndexOf('/') + 1), mediaType };
}

function subjectOf(text: string, repository: string): NonNullable<PushArtifactRequest['subject']> {
  const reference = parseReference(text);
  if (`${reference.domain}/${reference.path}` === repository) return manifestWord(reference);
  const message = `The subject ${text} lies in another repository than the artifact, ${repository}`;
  throw engineError('ENGINE_ARCHIVE_MISSING', message);
}

export interface PullingArtifact {
  readonly reference: string;
  /** A directory. */
  readonly path: string;
  /** Whether files that are there are replaced. */
  readonly isForced: boolean;
}

/** Brings the files of an artifact into a directory. The exit code. */
export function pullArtifact(roots: Roots, { reference, path, isForced }: PullingArtifact): number {
  const { domain, path: repository, digest } = parseReference(reference);
  const access = registryAccess({ domain, repository, hasDigest: digest !== undefined });
  const made = makeDirectory(path);
  const directory = canonicalPath(path) ?? path;
  const request: PullArtifactRequest = { access, reference, directory, isForced };
  const readable = access.authorities === undefined ? [] : [access.authorities];
  const call = { words: ['artifact-pull'], hasNetwork: true, readable, writable: [directory], request };
  const code = runNodeProgram(roots, call, STANDARD_OUTPUT);
  if (code !== 0 && made) attempt('rmdir', path);
  return code;
}
