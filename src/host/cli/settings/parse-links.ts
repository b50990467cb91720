import type { LinkSetting } from '../../engine/run-settings.ts';
import { usageError } from '../corten-context.ts';
import type { Options } from '../options.ts';

/** `CONTAINER[:NAME]` each. */
export function linksFrom(options: Options): readonly LinkSetting[] {
  return options.list('link').map((text) => {
    const [container = '', alias = container, ...more] = text.replace(/^\//, '').split(':');
    const isGood = container !== '' && /^[a-zA-Z0-9_.-]{1,253}$/.test(alias) && more.length === 0;
    if (isGood) return { container, alias };
    throw usageError(`The flag --link takes CONTAINER or CONTAINER:NAME, not "${text}"`);
  });
}

/** What a container writes is a directory of the store: only project quotas could hold it. */
export function refuseStorageSize(texts: readonly string[]): void {
  const [text] = texts;
  if (text === undefined) return;
  throw usageError(
    `The flag --storage-opt ${text} is not supported by this version, which sets no project quotas: give the store a file system of its own, or a container --read-only with --tmpfs DIR:size=SIZE`,
  );
}
