import type { Digest } from '../base/digest.ts';
import { parseJson } from '../base/json.ts';
import { JsonFields } from '../base/json-fields.ts';
import type { Database } from './database.ts';
import { storeError } from './errors.ts';
import type { ImageRecord } from './find-image.ts';
import { layersOf } from './layers-of.ts';

/** A step by which an image was made (image-spec config.md#properties, `history`). */
export interface HistoryEntry {
  /** RFC 3339. */
  readonly created: string | undefined;
  readonly createdBy: string;
  readonly comment: string;
  /** Bytes of the layer that it made, uncompressed; 0 if it made none. */
  readonly size: number;
  /** The image that the step finished; undefined for all but the last. */
  readonly id: Digest | undefined;
}

/** The steps of an image, the last first. A configuration without history has a step for each layer. */
export function imageHistory(db: Database, { id, config }: ImageRecord): readonly HistoryEntry[] {
  const sizes = layersOf(db, id).map(({ size }) => size);
  const steps = new JsonFields(parseJson(config), '', fault).objects('history');
  const entries =
    steps.length === 0
      ? sizes.map((size) => ({ ...NOTHING, size }))
      : steps.map((step) => toEntry(step, sizes));
  const last = entries.length - 1;
  return entries.map((entry, index) => ({ ...entry, id: index === last ? id : undefined })).toReversed();
}

const NOTHING = { created: undefined, createdBy: '', comment: '' };

/** Takes the next size where the step made a layer. */
function toEntry(step: JsonFields, sizes: number[]): Omit<HistoryEntry, 'id'> {
  return {
    created: step.string('created'),
    createdBy: step.string('created_by') ?? '',
    comment: step.string('comment') ?? '',
    size: step.isTrue('empty_layer') ? 0 : (sizes.shift() ?? 0),
  };
}

function fault(field: string, what: string): Error {
  return storeError('IMAGE_CONFIG_INVALID', `Field ${field} of the image configuration ${what}`);
}
