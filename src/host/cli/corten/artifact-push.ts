import { pushArtifact } from '../../engine/artifacts.ts';
import { ACCESS_FLAGS, parseRegistryVerb } from '../access-words.ts';
import { usageError, type CortenContext } from '../corten-context.ts';

const HELP = {
  usage: 'artifact push [flags] NAME[:TAG] FILE[:MEDIA-TYPE]...',
  summary:
    'Keeps files in a registry, as oras does; with a subject they are found by corten registry referrers.',
  flags: {
    'artifact-type': { kind: 'text', value: 'TYPE', help: 'what they are, as application/spdx+json' },
    annotation: { kind: 'list', value: 'KEY=VALUE', help: 'words about them' },
    subject: { kind: 'text', value: 'IMAGE', help: 'what they are about: an image of the same repository' },
    ...ACCESS_FLAGS,
  },
} as const;

const UNKNOWN_TYPE = 'application/vnd.unknown.artifact.v1';

export function main({ roots, words }: CortenContext): number {
  const options = parseRegistryVerb(HELP, words);
  if (options === undefined) return 0;
  const [reference, ...files] = options.rest;
  const subject = options.text('subject');
  if (reference === undefined || files.length === 0) throw usageError('Name the artifact, and its files');
  const annotations = options.list('annotation').map((text) => {
    const equals = text.indexOf('=');
    if (equals < 1) throw usageError(`The flag --annotation takes KEY=VALUE, not "${text}"`);
    return [text.slice(0, equals), text.slice(equals + 1)] as const;
  });
  return pushArtifact(roots, {
    reference,
    files,
    artifactType: options.text('artifact-type') ?? UNKNOWN_TYPE,
    annotations: Object.fromEntries(annotations),
    subject,
  });
}
