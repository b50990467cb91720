import { O } from '../../kernel/constants.ts';
import { openFile, writeExisting, type Fd } from '../../kernel/files.ts';
import { named } from '../errors.ts';
import { release } from '../init/channel.ts';
import type { ContainerPlan } from '../plan/container.ts';
import type { ProcessPlan } from '../plan/process.ts';
import type { BindStep } from '../plan/step.ts';
import type { Sources } from './sources.ts';
import { userNamespaces } from './user-namespaces.ts';

/** The parent's side of a container with a user namespace or with mapped ids: what its init can't do by itself. */
export class MappedContainer {
  readonly #plan: ContainerPlan;
  readonly #sources: Sources;

  private constructor(plan: ContainerPlan, sources: Sources) {
    this.#plan = plan;
    this.#sources = sources;
  }

  /** undefined for all other containers. */
  static of(plan: ContainerPlan, hasRootfs: boolean): MappedContainer | undefined {
    const isNeeded =
      plan.namespaces.user !== undefined ||
      plan.steps.some((step) => step.kind === 'bind' && step.idMap !== undefined);
    return isNeeded ? new MappedContainer(plan, userNamespaces().openSources(plan, hasRootfs)) : undefined;
  }

  get hasUserNamespace(): boolean {
    return this.#plan.namespaces.user !== undefined;
  }

  get binds(): ReadonlyMap<BindStep, Fd> {
    return this.#sources.binds;
  }

  get rootfsMount(): number | undefined {
    return this.#sources.rootfs?.number;
  }

  /** Limits may need privileges to be raised: they are set from outside. */
  processOf(process: ProcessPlan): ProcessPlan {
    return this.hasUserNamespace ? { ...process, rlimits: [] } : process;
  }

  /** What init waits on and may not open by itself. */
  openFifo(path: string | undefined): Fd | undefined {
    return this.hasUserNamespace && path !== undefined ? openFile(path, O.RDWR | O.NOFOLLOW) : undefined;
  }

  /** Makes init the root of its namespace and lets it go on. */
  admit(pid: number, oomScoreAdj: number | undefined, socket: Fd): void {
    const { user } = this.#plan.namespaces;
    if (user === undefined) return;
    const { admit, writeMappings } = userNamespaces();
    if (user.path === undefined) writeMappings(pid, user);
    admit({ pid, process: this.#plan.process, oomScoreAdj });
    release(socket);
  }

  moveIntoCgroups(pid: number): void {
    if (!this.hasUserNamespace) return;
    for (const { version, directory } of this.#plan.cgroups) {
      if (version === 2) continue;
      named('Join the cgroups', () => writeExisting(`${directory}/tasks`, String(pid)));
    }
  }

  [Symbol.dispose](): void {
    this.#sources[Symbol.dispose]();
  }
}
