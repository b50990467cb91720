import type { SaveForm } from '../../../pure/config/save-request.ts';
import { saveImages } from '../../engine/save-images.ts';
import { isTerminal } from '../../kernel/terminal.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { parseImagePlace } from '../image-place.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'save [flags] IMAGE [IMAGE...]',
  summary:
    'Writes images, with all digests as they are, in a form that docker, podman and skopeo read. Where to: a file,\n' +
    'oci:DIR[:NAME], oci-archive:FILE[:NAME], docker-archive:FILE or dir:DIR.',
  flags: {
    output: { kind: 'text', short: 'o', value: 'FILE', help: 'where to; standard output unless given' },
    format: {
      kind: 'text',
      value: 'FORM',
      help: 'docker-archive (the default), oci-archive, oci-dir or docker-dir',
    },
    uncompressed: {
      kind: 'switch',
      help: 'layers as plain tar, which gives them and the manifest other digests',
    },
    'multi-image-archive': {
      kind: 'switch',
      short: 'm',
      help: 'taken for podman: several images always may be',
    },
    quiet: { kind: 'switch', short: 'q', help: 'taken for podman: nothing is printed anyhow' },
  },
} as const;

const FORMS: ReadonlySet<string> = new Set(['docker-archive', 'oci-archive', 'oci-dir', 'docker-dir']);

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  if (options.rest.length === 0) throw usageError('Name the images to save');
  const output = options.text('output');
  const place = output === undefined ? undefined : parseImagePlace(output);
  const asked = options.text('format');
  if (asked !== undefined && !isForm(asked)) {
    throw usageError(`The flag --format takes ${[...FORMS].join(', ')}, not "${asked}"`);
  }
  if (asked !== undefined && place?.form !== undefined && asked !== place.form) {
    throw usageError(`The flag --format says ${asked}, and --output ${place.form}`);
  }
  const form = place?.form ?? asked ?? 'docker-archive';
  if (form === 'docker-archive' && place?.name !== undefined) {
    throw usageError('A docker-archive has its images by their own names: tag the image first');
  }
  if (place === undefined && isTerminal(1)) {
    throw usageError('Standard output is a terminal, which no archive goes to: name a file by -o');
  }
  return saveImages(roots, {
    images: options.rest,
    form,
    path: place?.path,
    name: place?.name,
    isUncompressed: options.isOn('uncompressed'),
  });
}

function isForm(text: string): text is SaveForm {
  return FORMS.has(text);
}
