import { readText } from '../../kernel/files.ts';

/** Where it stands behind the name in parentheses, proc_pid_stat(5). */
const START_TIME = 19;

/** What tells a process from another one that has its number later. */
export function startTimeOf(pid: number): string {
  const text = readText(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[START_TIME] ?? '';
}
