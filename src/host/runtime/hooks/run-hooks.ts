import { isCortenError } from '../../../pure/base/errors.ts';
import type { ContainerStatus } from '../../../pure/spec/runtime-state.ts';
import type { Annotations, Hook, HookKind, Hooks } from '../../../pure/spec/runtime.ts';
import { attempt } from '../../kernel/call.ts';
import { SIGNAL, X_OK } from '../../kernel/constants.ts';
import { named, runtimeError } from '../errors.ts';
import { runHookProcess, type HookEnd, type HookPlace } from './hook-process.ts';

/** What a hook is told of the container besides its status and pid; a record of state has it too. */
export interface HookSubject {
  readonly ociVersion: string;
  readonly id: string;
  readonly bundle: string;
  readonly annotations: Annotations;
}

export interface HookMoment extends Omit<HookPlace, 'listener'> {
  /** The descriptor that the stub looks for, and for each hook the one to put there. */
  readonly kept?: number | undefined;
  readonly keptForHooks?: readonly number[] | undefined;
  readonly subject: HookSubject;
  readonly status: ContainerStatus;
  readonly pid: number;
}

/** Runs the hooks of one kind in their order; throws RUNTIME_HOOK_FAILED for the first that fails. */
export function runHooks(hooks: Hooks, kind: HookKind, moment: HookMoment): void {
  const { kept, keptForHooks } = moment;
  hooks[kind].forEach((hook, index) => {
    const own = keptForHooks?.[index];
    const listener = kept === undefined || own === undefined ? undefined : { own, kept };
    runHook(hook, `${kind}[${index}]`, { ...moment, listener });
  });
}

/** As runHooks(), but a hook that fails is a warning, and the next follows. */
function runHooksWarning(
  hooks: Hooks,
  kind: HookKind,
  { warn, ...moment }: HookMoment & { readonly warn: (message: string) => void },
): void {
  hooks[kind].forEach((hook, index) => {
    try {
      runHook(hook, `${kind}[${index}]`, moment);
    } catch (error) {
      if (!isCortenError(error)) throw error;
      warn(error.message);
    }
  });
}

/** For a container that is gone. */
export function runPoststop(hooks: Hooks, subject: HookSubject, warn: (message: string) => void): void {
  const { bundle } = subject;
  // Whoever removes the bundle before the container leaves its hooks a place all the same.
  const isThere = attempt('access', bundle, X_OK) === 0;
  runHooksWarning(hooks, 'poststop', {
    subject,
    status: 'stopped',
    pid: 0,
    warn,
    directory: isThere ? bundle : '/',
  });
}

function runHook(
  hook: Hook,
  title: string,
  { subject, status, pid, ...place }: HookMoment & Pick<HookPlace, 'listener'>,
): void {
  const { ociVersion, id, bundle, annotations } = subject;
  const state = JSON.stringify({ ociVersion, id, status, pid, bundle, annotations });
  const end = named(`Run the hook ${title}, ${hook.path}`, () => runHookProcess(hook, state, place));
  if (end.status === 0) return;
  const said = end.printed.trim().replace(/\s*\n\s*/g, ' | ');
  const text = `The hook ${title}, ${hook.path}, ${endingOf(end, hook)}${said === '' ? '' : `: ${said}`}`;
  throw runtimeError('RUNTIME_HOOK_FAILED', text);
}

function endingOf({ status }: HookEnd, { timeout }: Hook): string {
  if (status === 'late') return `did not end within its timeout of ${timeout ?? 0} s and was killed`;
  const signal = status & 0x7f;
  if (signal === 0) return `ended with exit code ${(status >> 8) & 0xff}`;
  // What a seccomp filter kills with; the kernel's own words for it.
  return `was ended by signal ${signal}${signal === SIGNAL.SYS ? ', bad system call' : ''}`;
}
