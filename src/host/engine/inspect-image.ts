import { findImage, type ImageRecord } from '../../pure/store/find-image.ts';
import { parseImageConfig } from '../../pure/store/image-config.ts';
import { layersOf } from '../../pure/store/layers-of.ts';
import { listImages } from '../../pure/store/list-images.ts';
import { shortReference } from '../../pure/store/reference.ts';
import { readingImages } from './images/host-database.ts';
import type { Roots } from './roots.ts';

/** An image in the shape of Docker's own answer (Engine API, ImageInspect); undefined where there is none. */
export function inspectImage(roots: Roots, reference: string): object | undefined {
  return readingImages(roots, undefined, (db) => {
    const record = findImage(db, reference);
    if (record === undefined) return undefined;
    const names = listImages(db).find(({ id }) => id === record.id)?.references ?? [];
    return describe(
      record,
      names,
      layersOf(db, record.id).map(({ diffId }) => diffId),
    );
  });
}

function describe(record: ImageRecord, names: readonly string[], diffIds: readonly string[]): object {
  const { os, architecture, variant, created, config } = parseImageConfig(record.config);
  const tagged = names.filter((name) => !name.includes('@'));
  return {
    Id: record.id,
    RepoTags: tagged.map(shortReference),
    RepoDigests: [...new Set(tagged.map((name) => `${repositoryOf(name)}@${record.manifestDigest}`))],
    Created: created ?? '',
    Os: os,
    Architecture: architecture,
    ...(variant === undefined ? {} : { Variant: variant }),
    Size: record.size,
    Config: {
      User: config.User,
      ExposedPorts: Object.fromEntries(config.ExposedPorts.map((port) => [port, {}])),
      Env: config.Env,
      Entrypoint: config.Entrypoint.length === 0 ? null : config.Entrypoint,
      Cmd: config.Cmd.length === 0 ? null : config.Cmd,
      Volumes: Object.fromEntries(config.Volumes.map((path) => [path, {}])),
      WorkingDir: config.WorkingDir,
      Labels: Object.fromEntries(config.Labels),
      StopSignal: config.StopSignal,
    },
    RootFS: { Type: 'layers', Layers: diffIds },
  };
}

function repositoryOf(name: string): string {
  const short = shortReference(name);
  return short.slice(0, short.lastIndexOf(':'));
}
