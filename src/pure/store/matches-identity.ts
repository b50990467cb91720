import { isCortenError } from '../base/errors.ts';
import type { SignedIdentity } from '../config/signature-wish.ts';
import { parseReference, type Reference } from './reference.ts';

/** Whether a signature for the name `signed` is one for the image that was asked for (containers-policy.json(5), signedIdentity). */
export function matchesIdentity(identity: SignedIdentity, image: Reference, signed: string): boolean {
  const told = parse(signed);
  if (told === undefined) return false;
  switch (identity.type) {
    case 'matchExact':
      return isExact(told, image);
    case 'matchRepoDigestOrExact':
      return image.digest === undefined ? isExact(told, image) : isRepository(told, image);
    case 'matchRepository':
      return isRepository(told, image);
    case 'exactReference': {
      const wanted = parse(identity.reference);
      return wanted !== undefined && isExact(told, wanted);
    }
    case 'exactRepository': {
      const wanted = parse(identity.repository);
      return wanted !== undefined && isRepository(told, wanted);
    }
    case 'remapIdentity': {
      const mapped = remapped(image, identity);
      return image.digest === undefined ? isExact(told, mapped) : isRepository(told, mapped);
    }
  }
}

/** A name without a tag signs no tag: `latest` isn't put in its place. */
interface Told extends Reference {
  readonly hasTag: boolean;
}

function parse(text: string): Told | undefined {
  try {
    const reference = parseReference(text);
    return { ...reference, hasTag: reference.tag !== undefined && text.endsWith(`:${reference.tag}`) };
  } catch (error) {
    if (isCortenError(error)) return undefined;
    throw error;
  }
}

function isRepository(told: Reference, image: Reference): boolean {
  return told.domain === image.domain && told.path === image.path;
}

function isExact(told: Told, image: Reference): boolean {
  const isSame = isRepository(told, image) && told.digest === image.digest;
  return isSame && (told.digest !== undefined || (told.hasTag && told.tag === image.tag));
}

function remapped(
  image: Reference,
  { prefix, signedPrefix }: { readonly prefix: string; readonly signedPrefix: string },
): Reference {
  const name = `${image.domain}/${image.path}`;
  if (name !== prefix && !name.startsWith(`${prefix}/`)) return image;
  const mapped = `${signedPrefix}${name.slice(prefix.length)}`;
  const slash = mapped.indexOf('/');
  if (slash < 0) return image;
  return { ...image, domain: mapped.slice(0, slash), path: mapped.slice(slash + 1) };
}
