import { sys } from '../../kernel/call.ts';
import { CLONE } from '../../kernel/constants.ts';
import { stepError } from '../errors.ts';
import type { Step } from '../plan/step.ts';
import { stepTitles } from '../plan/step-titles.ts';
import { openConsole } from '../steps/console.ts';
import type { StepContext } from '../steps/context.ts';
import { linkDevices, makeDevices } from '../steps/devices.ts';
import { bindMount, mountCgroups, mountFileSystem, sealMount } from '../steps/mount.ts';
import { openMountPoint, rootOf } from '../steps/paths.ts';
import { maskPath, protectPath } from '../steps/protect.ts';
import { changeRoot, enterRootfs, propagateRoot, sealRoot } from '../steps/rootfs.ts';
import { sysctlModule } from '../sysctl/sysctls.ts';
import {
  adjustOomScore,
  joinCgroups,
  joinNamespace,
  newSessionKeyring,
  raiseLoopback,
  setDomainname,
  setHostname,
} from '../steps/surroundings.ts';

/** Does the steps in their order; the first that fails says which it was. */
export function runSteps(steps: readonly Step[], context: StepContext): void {
  for (const step of steps) {
    try {
      runStep(step, context);
    } catch (error) {
      const { hintFor, titleOf } = stepTitles();
      throw stepError(titleOf(step), error, (errno) => hintFor(step, errno));
    }
  }
}

function runStep(step: Step, context: StepContext): void {
  switch (step.kind) {
    case 'join-cgroups':
      context.awaitCgroups();
      return joinCgroups(step.directories);
    case 'adjust-oom-score':
      return adjustOomScore(step.score);
    case 'join-namespace':
      return joinNamespace(step.path, step.flag);
    case 'new-cgroup-namespace':
      return void sys('unshare', CLONE.NEWCGROUP);
    case 'new-session-keyring':
      return newSessionKeyring(step.name);
    case 'raise-loopback':
      return raiseLoopback();
    case 'set-hostname':
      return setHostname(step.name);
    case 'set-domainname':
      return setDomainname(step.name);
    case 'write-sysctl':
      return sysctlModule().writeSysctl(step.path, step.value);
    default:
      return runTreeStep(step, context);
  }
}

type Surroundings =
  | 'join-cgroups'
  | 'adjust-oom-score'
  | 'join-namespace'
  | 'new-cgroup-namespace'
  | 'new-session-keyring'
  | 'raise-loopback'
  | 'set-hostname'
  | 'set-domainname'
  | 'write-sysctl';

function runTreeStep(step: Exclude<Step, { readonly kind: Surroundings }>, context: StepContext): void {
  switch (step.kind) {
    case 'enter-rootfs':
      return enterRootfs(context, step.path, step.propagation);
    case 'mount':
      return mountFileSystem(context, step);
    case 'bind':
      return bindMount(context, step);
    case 'mount-cgroups':
      context.awaitCgroups();
      return mountCgroups(context, step);
    case 'make-devices':
      return makeDevices(context, step);
    case 'link-devices':
      return linkDevices(context);
    case 'open-console':
      return openConsole({
        ...step,
        root: rootOf(context),
        isSystemConsole: true,
        give: context.giveConsole,
      });
    case 'run-hooks':
      return context.runHooks(rootOf(context));
    case 'make-directory':
      return openMountPoint(rootOf(context), step.path, false).close();
    case 'seal-mount':
      return sealMount(context, step.destination);
    case 'protect-path':
      return protectPath(context, step.path);
    case 'mask-path':
      return maskPath(context, step.path);
    case 'seal-root':
      return sealRoot(context);
    case 'change-root':
      return changeRoot(context, step.isPivot);
    case 'propagate-root':
      return propagateRoot(context, step.propagation);
  }
}
