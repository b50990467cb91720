import { formatJson } from '../base/json.ts';
import { ANNOTATION_REF_NAME, MEDIA_TYPE_INDEX } from '../spec/image.ts';
import { integerOf, textOf, textOrNull, type Database } from './database.ts';

const MANIFESTS = `SELECT c.media_type, c.digest, c.size, r.name
  FROM images i JOIN contents c ON c.digest = i.manifest_digest LEFT JOIN image_references r ON r.image_id = i.id
  ORDER BY r.name, c.digest`;

/** The layout's index.json (image-spec image-layout.md#indexjson-file): one descriptor a name. */
export function formatIndex(db: Database): string {
  const manifests = db.query(MANIFESTS, []).map((row) => {
    const descriptor = { mediaType: textOf(row[0]), digest: textOf(row[1]), size: integerOf(row[2]) };
    const name = textOrNull(row[3]);
    return name === undefined ? descriptor : { ...descriptor, annotations: { [ANNOTATION_REF_NAME]: name } };
  });
  return formatJson({ schemaVersion: 2, mediaType: MEDIA_TYPE_INDEX, manifests });
}
