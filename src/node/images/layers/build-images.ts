import { chainIds } from '../../../pure/base/digest.ts';
import type { ImageConfig } from '../../../pure/spec/image.ts';
import { parseImageConfig } from '../../../pure/store/image-config.ts';
import { digestOfText } from '../archive/digest-stream.ts';
import { readDocument } from '../archive/spooled-file.ts';
import type { LoadSession } from '../disk/load-session.ts';
import type { Store } from '../disk/open-store.ts';
import { imagesError } from '../errors.ts';
import type { ArchiveImage } from '../manifest/archive-image.ts';
import { LayerBuilder, type BuiltLayer } from './layer-builder.ts';

/** An image with all its layers as EROFS files. */
export interface BuiltImage {
  readonly source: ArchiveImage;
  readonly config: ImageConfig;
  readonly configText: string;
  /** Bottom first. */
  readonly layers: readonly BuiltLayer[];
}

export type ReadImage = Pick<BuiltImage, 'config' | 'configText'>;

/** Converts the layers of all images, those that several share once. */
export async function buildImages(
  store: Store,
  session: LoadSession,
  sources: readonly ArchiveImage[],
): Promise<readonly BuiltImage[]> {
  const builder = new LayerBuilder(store, session);
  // Every configuration is read before the first conversion: what is wrong shows early.
  const images = sources.map((source) => {
    const read = { source, ...readConfig(source) };
    refuseForeign(read);
    return read;
  });
  const built: BuiltImage[] = [];
  for (const image of images) built.push({ ...image, layers: await buildLayers(builder, image) });
  return built;
}

/** An image's configuration, which has to fit its layers. */
export function readConfig(
  source: Omit<ArchiveImage, 'layers'> & { readonly layers: readonly unknown[] },
): ReadImage {
  const { digest } = source.config.file;
  const configText = readDocument(source.config.file, `The configuration ${digest}`);
  const config = parseImageConfig(configText);
  if (config.diffIds.length !== source.layers.length) {
    const text = `The image ${digest} has ${source.layers.length} layers, but rootfs.diff_ids lists ${config.diffIds.length}`;
    throw imagesError('ARCHIVE_INVALID', text);
  }
  return { config, configText };
}

function refuseForeign({ source, config }: Omit<BuiltImage, 'layers'>): void {
  if (config.os === 'linux') return;
  const os = JSON.stringify(config.os.slice(0, 40));
  const { digest } = source.config.file;
  throw imagesError('IMAGE_UNSUPPORTED', `The image ${digest} is for ${os}, and containers here run Linux`);
}

/** Bottom first, each on those below it. */
export async function buildLayers(
  builder: LayerBuilder,
  image: Omit<BuiltImage, 'layers'>,
): Promise<readonly BuiltLayer[]> {
  const { diffIds } = image.config;
  const chain = chainIds(diffIds, digestOfText);
  const layers: BuiltLayer[] = [];
  for (const [index, { file }] of image.source.layers.entries()) {
    const [diffId, chainId] = [diffIds[index], chain[index]];
    if (diffId === undefined || chainId === undefined) break;
    layers.push(await builder.build({ blob: file, diffId, chainId }, layers));
  }
  return layers;
}
