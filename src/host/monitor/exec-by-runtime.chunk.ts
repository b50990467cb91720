import { formatJson, parseJson } from '../../pure/base/json.ts';
import type { Process } from '../../pure/spec/runtime.ts';
import { attempt } from '../kernel/call.ts';
import { createFile, readText, readTextIfThere } from '../kernel/files.ts';
import { fork } from '../kernel/process.ts';
import { failureOf } from './handlers/oci-failure.ts';
import { become } from './handlers/run-program.ts';
import { runtimeStateRoot } from './handlers/runtime-state.ts';
import type { Places } from './places.ts';

/** A program that an OCI runtime executes in its container: the runtime's process is a child of the caller. */
export interface ExecutedByRuntime {
  readonly pid: number;
  /** What its exit code means, once it has ended: throws what kept the program from running. */
  readonly codeOf: (code: number) => number;
}

export interface RuntimeExec {
  readonly places: Places;
  /** The runtime's program. */
  readonly runtime: string;
  /** Given the container's own process. */
  readonly process: (ofContainer: Process) => Process;
  readonly stdio: readonly [number, number, number];
  /** Nobody else's. */
  readonly unique: string;
}

export function execByRuntime({ places, runtime, process, stdio, unique }: RuntimeExec): ExecutedByRuntime {
  const bundle = `${places.directory}/bundle`;
  const config = parseJson(readText(`${bundle}/config.json`)) as unknown as { readonly process: Process };
  const [file, log] = [`${bundle}/exec-${unique}.json`, `${bundle}/exec-${unique}.log`];
  createFile(file, formatJson(process(config.process)));
  const root = runtimeStateRoot(places, runtime);
  const pid = fork();
  if (pid === 0) become(runtime, ['--root', root, '--log', log, 'exec', '--process', file, places.id], stdio);
  return {
    pid,
    codeOf: (code) => {
      const said = readTextIfThere(log) ?? '';
      for (const path of [file, log]) attempt('unlink', path);
      if (code !== 0 && said !== '') throw failureOf(runtime, said);
      return code;
    },
  };
}
