import { invariant } from '../../../pure/base/errors.ts';
import type { LoadSession } from '../disk/load-session.ts';
import type { DescriptorFile } from './descriptor-file.ts';
import { GrowingLayer, openLowers, type LayerImage } from './growing-layer.ts';
import { readLayer, type LayerStream } from './layer-stream.ts';

/**
 * Makes a layer an EROFS file while its blob streams through; the file of one that fails is gone. `lowers` are the
 * EROFS files of the layers below, bottom first: they are opened only for a layer that asks for them.
 */
export async function convertLayer(
  session: LoadSession,
  source: LayerStream,
  lowers: readonly string[],
): Promise<LayerImage> {
  const made = await convert(session, source, { later: lowers });
  if (made !== undefined) return made;
  using below = openLowers(lowers);
  const anew = await convert(session, source, { first: below.files });
  invariant(anew !== undefined, 'a layer needs lowers that it has');
  return anew;
}

interface Lowers {
  /** Known from the beginning. */
  readonly first?: readonly DescriptorFile[];
  /** Told at the end, if it needs them. */
  readonly later?: readonly string[];
}

async function convert(
  session: LoadSession,
  source: LayerStream,
  { first, later }: Lowers,
): Promise<LayerImage | undefined> {
  using layer = new GrowingLayer(session, `The layer ${source.blob.digest}`, first);
  const tarSize = await readLayer(source, (bytes) => layer.push(bytes));
  return layer.finish(tarSize, layer.end() === 'waiting' ? later : undefined);
}
