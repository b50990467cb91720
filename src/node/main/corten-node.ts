import { setFlagsFromString } from 'node:v8';
import { isBugError, isCortenError } from '../../pure/base/errors.ts';
import { DEFAULT_STORE } from '../../pure/store/layout.ts';
import type { VerbContext } from './verb-context.ts';

type Verb = (args: readonly string[], context: VerbContext) => Promise<number>;

/** Each verb's code is read when it is asked for. */
const VERBS: ReadonlyMap<string, () => Promise<Verb>> = new Map<string, () => Promise<Verb>>([
  ['commit', async () => (await import('./commit.ts')).commit],
  ['artifact-pull', async () => (await import('./artifact.ts')).artifactPull],
  ['artifact-push', async () => (await import('./artifact.ts')).artifactPush],
  ['check', async () => (await import('./check.ts')).check],
  ['import', async () => (await import('./import.ts')).importTar],
  ['load', async () => (await import('./load.ts')).load],
  ['login', async () => (await import('./login.ts')).login],
  ['pull', async () => (await import('./pull.ts')).pull],
  ['push', async () => (await import('./push.ts')).push],
  ['push-list', async () => (await import('./push-list.ts')).pushManifestList],
  ['query', async () => (await import('./query.ts')).query],
  ['save', async () => (await import('./save.ts')).save],
]);

/** Signals that ask a program to end; each leaves no temporary file. */
const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

// Nearly all garbage is buffers, which lie outside the heap: a young generation that grows only keeps them longer.
setFlagsFromString('--semi-space-growth-factor=1');

process.exitCode = await main(process.argv.slice(2));

async function main([verb, ...args]: readonly string[]): Promise<number> {
  try {
    const load = VERBS.get(verb ?? '');
    if (load === undefined) {
      const list = [...VERBS.keys()].join(', ');
      console.error(`corten: Unknown verb ${JSON.stringify(verb ?? '')} of the Node program: it has ${list}`);
      return 1;
    }
    const run = await load();
    return await run(args, { root: process.env['CORTEN_STORE'] ?? DEFAULT_STORE, signal: endingSignal() });
  } catch (error) {
    console.error(`corten: ${describe(error)}`);
    return 1;
  }
}

function endingSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of SIGNALS) {
    process.once(name, () => {
      controller.abort();
      // Its listener is gone: the signal does now what it does to every program.
      process.kill(process.pid, name);
    });
  }
  return controller.signal;
}

function describe(error: unknown): string {
  if (isCortenError(error)) return error.message;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return isBugError(error) ? `This is a bug, please report it: ${text}` : text;
}
