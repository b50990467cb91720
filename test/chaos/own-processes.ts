import { readdirSync, readFileSync } from 'node:fs';

export interface OwnProcess {
  readonly pid: number;
  readonly name: string;
}

/** Processes of the engine whose store is below `folder`: commands, monitors, the program on Node; none of containers. */
export function ownProcesses(folder: string): readonly OwnProcess[] {
  return processesOf(folder).filter(({ name }) => name !== 'strace');
}

/** Tracers whose command was killed wait for ever. */
export function endTracers(folder: string): void {
  for (const { pid, name } of processesOf(folder)) if (name === 'strace') process.kill(pid, 'SIGKILL');
}

function processesOf(folder: string): readonly OwnProcess[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    const name = textOf(`/proc/${entry}/comm`).trim();
    if (!isOf(folder, entry)) return [];
    return [{ pid: Number(entry), name }];
  });
}

/** What corten starts knows the store by its environment or by its arguments. */
function isOf(folder: string, pid: string): boolean {
  return ['environ', 'cmdline'].some((file) => textOf(`/proc/${pid}/${file}`).includes(folder));
}

/** Empty where it is gone. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
