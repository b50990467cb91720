import { toDigest, type Digest } from '../../../pure/base/digest.ts';
import { parseJson, type Json } from '../../../pure/base/json.ts';
import { JsonFields } from '../../../pure/base/json-fields.ts';
import { imagesError } from '../errors.ts';
import { readDocument, type SpooledFile } from '../archive/spooled-file.ts';

/** Parses a JSON document of an archive; `name` is what it is called in errors. */
export function parseDocument(file: SpooledFile, name: string): Json {
  return parseText(readDocument(file, name), name);
}

/** The same of a text. */
export function parseText(text: string, name: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    throw imagesError('ARCHIVE_INVALID', `${name} is not JSON`, { cause: error });
  }
}

/** Typed access to a document whose faults name it (as `The index sha256:…`) and the field. */
export function fieldsOf(value: Json | undefined, name: string): JsonFields {
  return new JsonFields(value, '', (field, what) => {
    const subject = field === '' ? name : `Field ${field} of ${name.replace(/^The /, 'the ')}`;
    return imagesError('ARCHIVE_INVALID', `${subject} ${what}`);
  });
}

export function requiredDigest(fields: JsonFields, key: string): Digest {
  const digest = toDigest(fields.requiredString(key));
  if (digest === undefined) throw fields.fault(key, 'is no sha256 digest');
  return digest;
}
