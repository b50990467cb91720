import { isCortenError } from '../../pure/base/errors.ts';
import { parseJson } from '../../pure/base/json.ts';
import { JsonFields } from '../../pure/base/json-fields.ts';
import { registryError, type RegistryErrorCode } from './errors.ts';
import { isCutConnection } from './http/failure.ts';
import { readBody, type Answer } from './http/read-body.ts';

/** Bytes of an answer that says what is wrong. */
const MAX_ANSWER = 64 << 10;
const MAX_WORDS = 300;

const CODES: ReadonlyMap<number, RegistryErrorCode> = new Map([
  [401, 'REGISTRY_UNAUTHORIZED'],
  [403, 'REGISTRY_DENIED'],
  [404, 'REGISTRY_NOT_FOUND'],
]);

/** An answer that wasn't hoped for, in the registry's own words (distribution-spec, "Error Codes"). */
export async function failedAnswer(answer: Answer, repository: string): Promise<Error> {
  const { status, url } = answer;
  const words = await wordsOf(answer);
  const code = CODES.get(status) ?? 'REGISTRY_FAILED';
  const about =
    status === 404
      ? `has no such thing in ${repository}`
      : status === 403
        ? `denies access to ${repository}`
        : `answered ${status} about ${repository}`;
  const text = `The registry ${url.host} ${about}${words === '' ? '' : ` (${words})`}`;
  return registryError(code, text, { data: { host: url.host, status } });
}

async function wordsOf(answer: Answer): Promise<string> {
  try {
    const text = new TextDecoder().decode(await readBody(answer, MAX_ANSWER, 'The answer'));
    const silent = (): Error => registryError('REGISTRY_ANSWER_INVALID', '');
    const errors = new JsonFields(parseJson(text), '', silent).objects('errors');
    const words = errors.map((error) => [error.string('code'), error.string('message')].join(': '));
    // What a stranger wrote goes to a terminal.
    return words
      .join(', ')
      .replaceAll(/[^\x20-\x7e\u00a1-\ud7ff]/g, '?')
      .slice(0, MAX_WORDS);
  } catch (error) {
    if (error instanceof SyntaxError || isCortenError(error) || isCutConnection(error)) return '';
    throw error;
  }
}
