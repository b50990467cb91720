import { attempt, isSysError, type Argument } from '../call.ts';
import { CLOSE_RANGE_CLOEXEC, F, FD_CLOEXEC, O } from '../constants.ts';
import { readDirectoryAt } from '../files.ts';
import { openInProc, openProc } from './proc.ts';

/** Default of fs.nr_open, sysctl/fs.rst: without /proc nothing tells more. */
const MOST_DESCRIPTORS = 1 << 20;

/** close_range(2), one descriptor after the other: those that /proc lists, or without it each that there could be. */
export function closeRange([first, last, flags]: readonly Argument[]): number {
  const from = Number(first);
  const to = Number(last);
  const keepsOpen = Number(flags) === CLOSE_RANGE_CLOEXEC;
  const end = (fd: number): number =>
    keepsOpen ? attempt('fcntl', fd, F.SETFD, FD_CLOEXEC) : attempt('close', fd);
  const open = openDescriptors();
  if (open !== undefined) for (const fd of open) if (fd >= from && fd <= to) end(fd);
  if (open === undefined) for (let fd = from; fd <= Math.min(to, MOST_DESCRIPTORS); fd++) end(fd);
  return 0;
}

/** undefined where there is no /proc, or another's. */
function openDescriptors(): readonly number[] | undefined {
  try {
    using proc = openProc();
    using folder = openInProc(proc, 'self/fd', O.RDONLY | O.DIRECTORY);
    return readDirectoryAt(folder.number).map(Number);
  } catch (error) {
    if (isSysError(error)) return undefined;
    throw error;
  }
}
