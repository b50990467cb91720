import { CortenError } from '../../../pure/base/errors.ts';
import { architectureName } from '../../../pure/spec/architectures.ts';
import type { ImageConfig } from '../../../pure/spec/image.ts';
import { PLATFORM } from '../../kernel/numbers.ts';
import { ENGINE_ERRORS } from '../errors.ts';

/** What a processor runs beside its own. */
const ALSO: Readonly<Record<string, string>> = { amd64: '386', arm64: 'arm' };

/**
 * Loaded where an image is for another machine, or a platform is asked for. Throws ENGINE_IMAGE_FOREIGN, with
 * `platform` in its data where what is asked for might be had from a registry.
 */
export function requirePlatform(reference: string, image: ImageConfig, wanted: string | undefined): void {
  const own = [image.os, image.architecture, ...(image.variant ? [image.variant] : [])].join('/');
  if (wanted !== undefined) {
    if (isMeant(image, wanted)) return;
    const text = `The image ${reference} in the store is for ${own}, not for ${wanted}: corten pull --platform ${wanted} ${reference} brings the other`;
    throw foreign(text, { reference, platform: wanted });
  }
  if (ALSO[PLATFORM] === image.architecture) return;
  const text = `The image ${reference} is for ${own}, and this machine is linux/${PLATFORM}: corten pull --platform linux/${PLATFORM} ${reference} brings another, --platform ${own} runs it where binfmt_misc knows how`;
  throw foreign(text, { reference });
}

/** `linux/arm64`, `linux/arm/v7` or `arm64`; a variant that one of both leaves out is any. */
function isMeant({ os, architecture, variant }: ImageConfig, wanted: string): boolean {
  const words = wanted.toLowerCase().split('/');
  const [system = '', machine = '', third] = words.length === 1 ? ['linux', ...words] : words;
  return (
    system === os &&
    architectureName(machine) === architecture &&
    (third === undefined || !variant || third === variant)
  );
}

function foreign(text: string, data: Readonly<Record<string, string>>): CortenError {
  return new CortenError(ENGINE_ERRORS.ENGINE_IMAGE_FOREIGN, 'ENGINE_IMAGE_FOREIGN', text, { data });
}
