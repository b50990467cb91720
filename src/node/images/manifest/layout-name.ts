import { isCortenError } from '../../../pure/base/errors.ts';
import { ANNOTATION_IMAGE_NAME, ANNOTATION_REF_NAME, type IndexEntry } from '../../../pure/spec/image.ts';
import { formatReference, referencesMeant } from '../../../pure/store/reference.ts';

/** Whether a layout's entry has this name: word for word, or as the same full name. */
export function layoutName({ annotations }: IndexEntry, name: string): boolean {
  const names = [annotations.get(ANNOTATION_IMAGE_NAME), annotations.get(ANNOTATION_REF_NAME)];
  return names.some((own) => own !== undefined && isSameName(own, name));
}

export function isSameName(own: string, name: string): boolean {
  return own === name || fullNames(own).some((full) => fullNames(name).includes(full));
}

function fullNames(text: string): readonly string[] {
  try {
    return referencesMeant(text).slice(0, 1).map(formatReference);
  } catch (error) {
    if (isCortenError(error)) return [];
    throw error;
  }
}
