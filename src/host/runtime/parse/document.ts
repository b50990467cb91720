import { isCortenError } from '../../../pure/base/errors.ts';
import { parseJson, type Json } from '../../../pure/base/json.ts';
import { isSysError } from '../../kernel/call.ts';
import { O, S } from '../../kernel/constants.ts';
import { errnoName } from '../../kernel/errno.ts';
import { openFile, readAll } from '../../kernel/files.ts';
import { statusOf } from '../../kernel/stat.ts';
import { runtimeError, type RuntimeErrorCode } from '../errors.ts';
import { refuse } from './fields.ts';

const DOCUMENT_LIMIT = 16 << 20;

/** The text of a file that somebody wrote; `isOrdinary` refuses pipes and devices, which might never end. */
export function readDocument(path: string, code: RuntimeErrorCode, isOrdinary = true): string {
  try {
    using file = openFile(path, O.RDONLY | (isOrdinary ? O.NONBLOCK : 0));
    if (isOrdinary && (statusOf(file.number).mode & S.IFMT) !== S.IFREG) {
      throw runtimeError(code, `${path} is no regular file`);
    }
    const content = readAll(file.number, DOCUMENT_LIMIT);
    return utf8(content, 0, content.length);
  } catch (error) {
    if (isSysError(error)) throw runtimeError(code, `Read ${path}: ${errnoName(error.errno)}`, error);
    if (!(error instanceof RangeError)) throw error;
    throw runtimeError(code, `${path} is larger than ${DOCUMENT_LIMIT >> 20} MiB`, error);
  }
}

export function parseText(text: string): Json {
  if (text.includes('\ufffd')) refuse('', 'UTF-8 without replacement characters');
  try {
    return parseJson(text);
  } catch (error) {
    throw runtimeError('SPEC_INVALID', `The document is not JSON: ${(error as Error).message}`, error);
  }
}

/** The same refusal with the document's path in front. */
export function inDocument<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!isCortenError(error) || !error.code.startsWith('SPEC_')) throw error;
    throw runtimeError(error.code as RuntimeErrorCode, `${path}: ${error.message}`, error);
  }
}
