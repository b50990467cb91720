import type { Descriptor } from '../../../pure/spec/image.ts';
import type { Registry } from '../../registry/registry.ts';
import { DigestStream } from '../archive/digest-stream.ts';
import { imagesError } from '../errors.ts';

/** Bytes of a configuration. */
const MAX_CONFIG = 4 << 20;

/** An image's configuration, checked against its digest. */
export async function fetchConfig(registry: Registry, { digest, size }: Descriptor): Promise<Uint8Array> {
  if (size > MAX_CONFIG) {
    const text = `The configuration ${digest} has ${size} bytes, more than the ${MAX_CONFIG} allowed`;
    throw imagesError('ARCHIVE_TOO_LARGE', text);
  }
  const chunks: Uint8Array[] = [];
  const sum = new DigestStream();
  for await (const chunk of registry.readBlob({ digest, size, from: 0 })) {
    sum.update(chunk);
    chunks.push(chunk);
  }
  const found = sum.digest();
  if (found === digest) return Buffer.concat(chunks);
  throw imagesError('ARCHIVE_DIGEST_MISMATCH', `The configuration ${digest} has digest ${found}`);
}
