import type { Hooks } from '../../../pure/spec/runtime.ts';

/** Whether init goes through runHooksBeforePivot(). */
export function hasHooksBeforePivot({ prestart, createRuntime, createContainer }: Hooks): boolean {
  return prestart.length + createRuntime.length + createContainer.length > 0;
}

/** Whether `start` has to know how init went on. */
export function hasHooksAtStart({ startContainer, poststart }: Hooks): boolean {
  return startContainer.length + poststart.length > 0;
}
