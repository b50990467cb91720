import { fromRecord, type ErrorRecord } from '../../../pure/base/errors.ts';
import { sys } from '../../kernel/call.ts';
import { F } from '../../kernel/constants.ts';
import { readAll, type Fd } from '../../kernel/files.ts';
import type { StateFile } from '../state/file.ts';
import type { ContainerRecord, InitRecord } from '../state/records.ts';
import { runHooks } from './run-hooks.ts';

export interface Beginning {
  readonly record: ContainerRecord;
  readonly init: InitRecord;
  /** Open for reading without waiting; init closes its end by executing the program. */
  readonly report: Fd;
  /** Locked until the hooks outside begin: they may be commands on the container. */
  readonly file: StateFile;
}

/**
 * After init has been let go: waits until it has executed the program, then runs what comes after. What init or a hook
 * fails with is thrown; the file is closed once the hooks have begun.
 */
export function beginWithHooks({ record, init, report, file }: Beginning): void {
  const told = readToTheEnd(report);
  if (told !== '') throw fromRecord((JSON.parse(told) as { readonly error: ErrorRecord }).error);
  const { hooks, bundle } = record;
  if (hooks === undefined) return;
  file.close();
  const moment = { subject: record, status: 'running', pid: init.pid, directory: bundle } as const;
  runHooks(hooks, 'poststart', moment);
}

function readToTheEnd(report: Fd): string {
  sys('fcntl', report.number, F.SETFL, 0);
  const content = readAll(report.number);
  return utf8(content, 0, content.length);
}
