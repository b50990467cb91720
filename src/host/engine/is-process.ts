import { readTextIfThere } from '../kernel/files.ts';

/** Whether that very process lives: field 22 of proc_pid_stat(5), counted behind the name, is when it began. */
export function isProcess(pid: number, startTime: string): boolean {
  const text = readTextIfThere(`/proc/${pid}/stat`) ?? '';
  const [state = 'X', ...fields] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  // Nobody need have waited for one that has ended.
  return state !== 'Z' && state !== 'X' && fields[18] === startTime;
}
