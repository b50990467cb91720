import { ARCHIVE_ERRORS } from '../../../pure/archive/errors.ts';
import { CortenError, isCortenError } from '../../../pure/base/errors.ts';

/** Does work on the tar called `name`, so that a fault of the tar names it: its own sentence can't know. */
export function aboutStream<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isCortenError(error) || !Object.hasOwn(ARCHIVE_ERRORS, error.code)) throw error;
    throw new CortenError(error.kind, error.code, `${name} is refused: ${error.message}`, { cause: error });
  }
}
