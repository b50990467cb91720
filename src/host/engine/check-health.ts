import { invariant } from '../../pure/base/errors.ts';
import { attempt } from '../kernel/call.ts';
import { monotonicMs, timestamp } from '../kernel/clock.ts';
import { O, SIGNAL } from '../kernel/constants.ts';
import { openFile } from '../kernel/files.ts';
import { awaitEnd, exitCode, openProcess, pipe, waitFor } from '../kernel/process.ts';
import { appendRecord, readJournal } from '../monitor/journal.ts';
import { HEALTH_END } from '../monitor/health-end.ts';
import type { Places } from '../monitor/places.ts';
import { readConfig } from './container-config.ts';
import { openContainer } from './container-status.ts';
import { execInContainer } from './exec-in-container.ts';
import { readHealth, writeHealth, type Health, type HealthCheck } from './health/health-file.ts';
import { judge } from './health/judge.ts';
import { recordEvent } from './record-event.ts';
import type { HealthSetting } from './run-settings.ts';

/** Bytes of a check's output that are kept, as Docker does. */
const KEPT_OUTPUT = 4096;
const CHUNK = 4096;

/** Checks a container's health once and writes down what it shows; a code of HEALTH_END for its monitor. */
export function checkHealth(places: Places): number {
  using directory = openContainer(places);
  if (directory === undefined) return HEALTH_END.NEVER;
  const { health: setting } = readConfig(directory.number, places.name);
  const { started } = readJournal(directory.number);
  if (setting === undefined || started === undefined) return HEALTH_END.NEVER;
  const before = readHealth(directory.number, started.time) ?? newHealth(started.time);
  const { health, isStarting } = judge(before, carryOut(places, setting), setting);
  writeHealth(places.directory, health);
  if (health.status !== before.status) {
    appendRecord(directory.number, { event: 'health', time: timestamp(), status: health.status }, false);
    recordEvent(places, `health_status: ${health.status}`);
  }
  return isStarting ? HEALTH_END.STARTING : HEALTH_END.CHECKED;
}

function newHealth(of: string): Health {
  return { status: 'starting', failures: 0, of, log: [] };
}

function carryOut(places: Places, setting: HealthSetting): HealthCheck {
  const start = timestamp();
  try {
    return { start, ...execute(places, setting) };
  } catch (error) {
    const output = (error as Error).message.slice(0, KEPT_OUTPUT);
    return { start, end: timestamp(), exitCode: -1, output };
  }
}

function execute(places: Places, { test, timeout }: HealthSetting): Omit<HealthCheck, 'start'> {
  const [kind, ...words] = test;
  const args = kind === 'CMD-SHELL' ? ['/bin/sh', '-c', words[0] ?? ''] : words;
  const [reader, writer] = pipe();
  using nothing = openFile('/dev/null', O.RDWR);
  const { pid, codeOf } = execInContainer(places, {
    args,
    env: [],
    workingDirectory: undefined,
    user: undefined,
    hasTerminal: false,
    consoleSize: undefined,
    stdio: [nothing.number, writer, writer],
  });
  attempt('close', writer);
  const { output, isLate } = gather(reader, pid, timeout);
  const status = exitCode(waitFor(pid));
  const code = isLate ? status : (codeOf?.(status) ?? status);
  const end = timestamp();
  if (!isLate) return { end, exitCode: code, output };
  return { end, exitCode: -1, output: `The check took longer than ${timeout / 1000} s. ${output}` };
}

/** Reads what the check says until it has ended, by its own will or by SIGKILL when its time is over. */
function gather(
  reader: number,
  pid: number,
  timeout: number,
): { readonly output: string; readonly isLate: boolean } {
  using process = openProcess(pid);
  invariant(process !== undefined, 'a child stays until it is waited for');
  const kept = new Uint8Array(KEPT_OUTPUT);
  const deadline = monotonicMs() + timeout;
  let length = 0;
  let isLate = false;
  const take = (): boolean => {
    const piece = new Uint8Array(CHUNK);
    const count = attempt('read', reader, piece, CHUNK);
    if (count > 0) length = copy(kept, length, piece, 0, Math.min(count, KEPT_OUTPUT - length));
    return count > 0;
  };
  for (let isOpen = true; ;) {
    const left = Math.max(0, Math.ceil(deadline - monotonicMs()));
    const [hasEnded, hasOutput] = awaitEnd(process, isLate ? -1 : left, isOpen ? reader : -1);
    if (hasOutput) isOpen = take();
    // What it left in the background may keep the pipe open for ever.
    else if (hasEnded) break;
    else if (left === 0 && !isLate) {
      isLate = true;
      attempt('kill', pid, SIGNAL.KILL);
    }
  }
  return { output: utf8(kept, 0, length), isLate };
}
