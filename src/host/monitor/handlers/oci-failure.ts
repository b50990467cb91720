import type { CortenError } from '../../../pure/base/errors.ts';
import { runtimeError } from '../../runtime/errors.ts';
import { monitorError } from '../errors.ts';

/** Of Go's library and of crun, by which every engine tells these two apart. */
const NOT_FOUND =
  /executable file .{0,4096}not found|no such file or directory.{0,80}$|stat .{0,4096}: no such file/i;
const NOT_EXECUTABLE = /permission denied|is a directory|exec format error/i;
const ABOUT_EXECUTING = /exec|executable|start container process/i;
const LONGEST = 500;

/** What a runtime's log says of why it failed, in its last line. */
export function failureOf(program: string, log: string): CortenError {
  const line = log.trimEnd().split('\n').at(-1) ?? '';
  const said = (/msg="((?:[^"\\]|\\.)*)"/.exec(line)?.[1]?.replace(/\\"/g, '"') ?? line).slice(0, LONGEST);
  const name = program.slice(program.lastIndexOf('/') + 1);
  const text = `The runtime ${name} can't run the container: ${said === '' ? 'it says nothing' : said}`;
  if (ABOUT_EXECUTING.test(said)) {
    if (NOT_FOUND.test(said)) return runtimeError('RUNTIME_EXEC_NOT_FOUND', text);
    if (NOT_EXECUTABLE.test(said)) return runtimeError('RUNTIME_EXEC_NOT_EXECUTABLE', text);
  }
  return monitorError('MONITOR_RUNTIME_FAILED', text);
}
