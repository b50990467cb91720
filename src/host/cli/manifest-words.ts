import type { ListedWords } from '../engine/manifest-list.ts';
import type { Options } from './options.ts';

/** Flags by which podman and docker say what an image in a list is for. */
export const MANIFEST_FLAGS = {
  os: { kind: 'text', value: 'OS', help: 'in place of what the image says' },
  arch: { kind: 'text', value: 'ARCH', help: 'in place of what the image says' },
  variant: { kind: 'text', value: 'VARIANT', help: 'of the processor, as v7' },
  'os-version': { kind: 'text', value: 'VERSION', help: 'of Windows' },
  'os-features': { kind: 'list', value: 'FEATURE', help: 'of Windows' },
  annotation: { kind: 'list', value: 'KEY=VALUE', help: 'in the list, of this image' },
} as const;

export function listedWords(options: Options): ListedWords {
  return {
    os: options.text('os'),
    architecture: options.text('arch'),
    variant: options.text('variant'),
    osVersion: options.text('os-version'),
    osFeatures: options.list('os-features').flatMap((text) => text.split(',')),
    annotations: options.list('annotation'),
  };
}
