import type { Limits } from '../engine/run-request.ts';
import { usageError } from './corten-context.ts';
import { toBytes } from './binary-size.ts';
import type { Options } from './options.ts';

/** Docker's own lower bound: less starts nothing. */
const LEAST_MEMORY = 6 << 20;
const NANO = 1e9;

/** --memory, --cpus and --pids-limit; zero, and -1 for the last, are no limit. */
export function limitsFrom(options: Options): Limits {
  const memory = memoryFrom(options.text('memory'));
  const nanoCpus = cpusFrom(options.text('cpus'));
  const pids = pidsFrom(options.text('pids-limit'));
  return {
    ...(memory === undefined ? {} : { memory }),
    ...(nanoCpus === undefined ? {} : { nanoCpus }),
    ...(pids === undefined ? {} : { pids }),
  };
}

function memoryFrom(text: string | undefined): number | undefined {
  if (text === undefined || text === '0') return undefined;
  const bytes = toBytes(text);
  if (bytes === undefined) {
    throw usageError(`The flag --memory takes a number with b, k, m or g after it, not "${text}"`);
  }
  if (bytes < LEAST_MEMORY) throw usageError(`The flag --memory wants at least 6m, not "${text}"`);
  return bytes;
}

function cpusFrom(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const cpus = /^\d{0,6}(?:\.\d{1,9})?$/.test(text) ? Number(text) : NaN;
  if (cpus === 0 && text !== '') return undefined;
  // The kernel takes no quota below 1 ms of a period of 100.
  if (!(cpus >= 0.01)) throw usageError(`The flag --cpus takes a number of at least 0.01, not "${text}"`);
  return Math.round(cpus * NANO);
}

function pidsFrom(text: string | undefined): number | undefined {
  if (text === undefined || text === '0' || text === '-1') return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw usageError(`The flag --pids-limit takes a whole number, or -1 for no limit, not "${text}"`);
}
