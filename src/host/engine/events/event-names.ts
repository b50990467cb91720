import type { EventRecord } from '../../monitor/events.ts';
import { describeContainer } from '../describe-container.ts';
import { findContainer } from '../find-container.ts';
import type { Roots } from '../roots.ts';

/** An event with all that docker tells of what it is about. */
export interface NamedEvent extends EventRecord {
  readonly attributes: Readonly<Record<string, string>>;
}

type Attributes = Readonly<Record<string, string>>;

/** What a container is called is on record where it was created or renamed: later events are told with it too. */
export class EventNames {
  readonly #roots: Roots;
  readonly #known = new Map<string, Attributes>();

  constructor(roots: Roots) {
    this.#roots = roots;
  }

  name(record: EventRecord): NamedEvent {
    const own = record.attributes ?? {};
    if (record.type !== 'container') return { ...record, attributes: own };
    const { id, action } = record;
    if (action === 'create') this.#known.set(id, own);
    const before = this.#known.get(id) ?? this.#describe(id);
    this.#known.set(id, before);
    if (action === 'rename') this.#known.set(id, { ...before, name: own['name'] ?? '' });
    if (action === 'destroy') this.#known.delete(id);
    return { ...record, attributes: { ...before, ...own } };
  }

  /** One whose creation is on record no more. */
  #describe(id: string): Attributes {
    try {
      const places = findContainer(this.#roots, id);
      const config = describeContainer(places);
      const image = config?.image?.reference ?? config?.rootfs ?? '';
      return { ...Object.fromEntries(config?.labels ?? []), image, name: places.name };
    } catch {
      return {};
    }
  }
}
