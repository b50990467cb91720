import type { Digest } from '../../../pure/base/digest.ts';
import { imagesError } from '../errors.ts';
import { fieldsOf, parseText, requiredDigest } from '../manifest/parse-json.ts';

/** What a signature says (containers-signature(5), "critical"). */
export interface Claim {
  readonly digest: Digest;
  /** The name that it is for. */
  readonly reference: string;
}

const TYPE = 'cosign container image signature';
const NAME = 'The signed claim';

export function parseClaim(payload: Uint8Array): Claim {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(payload);
  const critical = fieldsOf(parseText(text, NAME), NAME).requiredObject('critical');
  const type = critical.requiredString('type');
  if (type !== TYPE) {
    throw imagesError('ARCHIVE_INVALID', `${NAME} is of the type ${JSON.stringify(type.slice(0, 80))}`);
  }
  return {
    digest: requiredDigest(critical.requiredObject('image'), 'docker-manifest-digest'),
    reference: critical.requiredObject('identity').requiredString('docker-reference'),
  };
}
