import { shortReference } from '../../../pure/store/reference.ts';
import { imageTree, type ImageTree } from '../../engine/image-tree.ts';
import type { CortenContext } from '../corten-context.ts';
import { sizeText } from '../../../pure/base/size-text.ts';
import { print } from '../runt-context.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'image tree [flags] IMAGE',
  summary: 'Shows the layers of an image, the bottom first, and which images end with each.',
  flags: { whatrequires: { kind: 'switch', help: 'show the images that are built on this one instead' } },
} as const;

const SHORT_ID = 12;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const tree = imageTree(roots, onlyWord(options, 'image'));
  print(`${headOf(tree)}${options.isOn('whatrequires') ? dependents(tree) : layers(tree)}`);
  return 0;
}

function headOf({ image, references }: ImageTree): string {
  const size = sizeText(image.size);
  return `Image ID: ${shortId(image.id)}\nTags:     ${namesText(references)}\nSize:     ${size}\n`;
}

function layers(tree: ImageTree): string {
  const lines = tree.layers.map(({ diffId, size, topOf }) => {
    const top = topOf.length === 0 ? '' : ` Top Layer of: ${namesText(topOf)}`;
    return `ID: ${shortId(diffId)} Size: ${sizeText(size)}${top}`;
  });
  return `Image Layers\n${branches(lines)}`;
}

function dependents({ builtOn }: ImageTree): string {
  const lines = builtOn.map(({ id, references }) => `ID: ${shortId(id)} Tags: ${namesText(references)}`);
  return `Images built on it\n${branches(lines)}`;
}

function branches(lines: readonly string[]): string {
  return lines.map((line, index) => `${index === lines.length - 1 ? '└──' : '├──'} ${line}\n`).join('');
}

function namesText(names: readonly string[]): string {
  return `[${names.map(shortReference).join(' ')}]`;
}

function shortId(digest: string): string {
  const start = 'sha256:'.length;
  return digest.slice(start, start + SHORT_ID);
}
