import { readdirSync, readFileSync } from 'node:fs';

/** The numbers of the processes whose first word ends so. */
export function processesCalled(name) {
  return readdirSync('/proc').filter((pid) => {
    try {
      return (
        /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0')[0].endsWith(name)
      );
    } catch {
      return false;
    }
  });
}

/** Proportional and private memory in KiB. */
export function memoryOf(pid) {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const value = (key) => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);
  return { Pss: value('Pss'), Private_Dirty: value('Private_Dirty') };
}
