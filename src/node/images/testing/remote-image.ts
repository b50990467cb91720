import type { Credentials, RegistryAccess, RegistryEndpoint } from '../../../pure/config/registry-access.ts';
import { FakeRegistry } from '../../registry/testing/fake-registry.ts';
import type { LayerProgress } from '../layer-progress.ts';
import { pullImage, type PulledImage } from '../pull.ts';
import { buildImage, layerOf, type BuiltTestImage, type TestImage } from './image-builder.ts';
import { TempStore } from './temp-store.ts';

/** No test waits long. */
const QUICK = { tries: 3, delay: 1, longestWait: 1000 };

/** A registry with the image `box:latest`, and a store for it. */
export class RemoteImage {
  readonly registry: FakeRegistry;
  readonly store = new TempStore();
  readonly image: BuiltTestImage;
  readonly progress: LayerProgress[] = [];

  private constructor(registry: FakeRegistry, image: TestImage) {
    this.registry = registry;
    this.image = this.add('latest', image);
  }

  static async start(image: Partial<TestImage> = {}): Promise<RemoteImage> {
    const layers = [layerOf('a', 'x'.repeat(1 << 20)), layerOf('b', 'y'.repeat(1 << 20))];
    return new RemoteImage(await FakeRegistry.start(), { layers, ...image });
  }

  add(tag: string, image: TestImage): BuiltTestImage {
    const built = buildImage(image);
    for (const blob of [built.config, ...built.blobs]) this.registry.addBlob(blob);
    this.registry.addManifest(tag, built.descriptor.mediaType, built.manifest);
    return built;
  }

  pull(
    name = 'box',
    more: Partial<RegistryEndpoint> & { readonly platform?: string } = {},
  ): Promise<PulledImage> {
    const { platform, ...endpoint } = more;
    return this.pullFrom(this.registry.access(endpoint), name, platform);
  }

  pullFrom(access: RegistryAccess, name = 'box', platform?: string): Promise<PulledImage> {
    return pullImage({
      root: this.store.root,
      reference: `${this.registry.host}/${name}`,
      access,
      platform,
      signal: new AbortController().signal,
      watch: (progress) => this.progress.push(progress),
      retry: QUICK,
    });
  }

  [Symbol.dispose](): void {
    this.registry[Symbol.dispose]();
    this.store[Symbol.dispose]();
  }
}

export const JANE: Credentials = { kind: 'password', username: 'jane', password: 'secret' };
