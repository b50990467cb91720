import type { SaveForm } from '../../pure/config/save-request.ts';

/** A place of images outside the store, as skopeo and podman write it. */
export interface ImagePlace {
  /** Undefined where the text is a mere path. */
  readonly form: SaveForm | undefined;
  readonly path: string;
  /** The image's name within. */
  readonly name: string | undefined;
}

const TRANSPORTS: ReadonlyMap<string, SaveForm> = new Map([
  ['docker-archive', 'docker-archive'],
  ['oci-archive', 'oci-archive'],
  ['oci', 'oci-dir'],
  ['dir', 'docker-dir'],
]);

/** `oci:DIR[:NAME]`, `oci-archive:FILE[:NAME]`, `docker-archive:FILE[:NAME]` or `dir:DIR`; else a path. */
export function parseImagePlace(text: string): ImagePlace {
  const [, transport = '', rest = ''] = /^([a-z-]+):([^]+)$/.exec(text) ?? [];
  const form = TRANSPORTS.get(transport);
  if (form === undefined) return { form, path: text, name: undefined };
  const colon = form === 'docker-dir' ? -1 : rest.indexOf(':');
  if (colon < 0) return { form, path: rest, name: undefined };
  return { form, path: rest.slice(0, colon), name: rest.slice(colon + 1) };
}
