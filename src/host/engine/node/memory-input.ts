import { sys } from '../../kernel/call.ts';
import { MFD } from '../../kernel/constants.ts';
import { encode, Fd, keptAfter, writeAll } from '../../kernel/files.ts';

/** A text as an open file that is in memory alone, since it may hold a password; to be read from its start. */
export function memoryInput(text: string): Fd {
  return keptAfter(new Fd(sys('memfd_create', 'input', MFD.CLOEXEC)), ({ number }) => {
    writeAll(number, encode(text));
    sys('lseek', number, 0, 0);
  });
}
