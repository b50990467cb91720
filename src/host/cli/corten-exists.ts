import { isCortenError } from '../../pure/base/errors.ts';
import { EXIT } from './corten-context.ts';

/** The exit code that says whether something is there: `look` throws where it isn't. */
export function existsCode(look: () => void): number {
  try {
    look();
    return 0;
  } catch (error) {
    if (isCortenError(error) && error.kind === 'not_found') return EXIT.FAILED;
    throw error;
  }
}
