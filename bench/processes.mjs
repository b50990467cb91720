import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The numbers of the processes in this network namespace whose first word ends so. */
export function processesCalled(name) {
  const network = readlinkSync('/proc/self/ns/net');
  return readdirSync('/proc').filter((pid) => {
    try {
      const [program] = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
      return /^\d+$/.test(pid) && program.endsWith(name) && readlinkSync(`/proc/${pid}/ns/net`) === network;
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
