import { networkNames } from '../engine/network-names.ts';
import type { ContainerConfig } from '../engine/container-config.ts';
import { describeContainer, imageOfContainers } from '../engine/describe-container.ts';
import type { ListedContainer } from '../engine/list-containers.ts';
import { isPod } from '../engine/pod-name.ts';
import { placesOf, type Roots } from '../engine/roots.ts';
import { usageError } from './corten-context.ts';
import { filtersFrom, hasLabels, type Filters } from './corten-filters.ts';
import { momentOf } from './moment.ts';

const KNOWN = [
  'id',
  'name',
  'label',
  'status',
  'exited',
  'ancestor',
  'before',
  'since',
  'until',
  'volume',
  'network',
  'pod',
  'command',
  'health',
  'restart-policy',
];
/** Filters that ask about containers which don't run, so that these are listed too. */
const ABOUT_ENDED: readonly string[] = ['exited', 'before', 'since'];
const STATES: readonly string[] = [
  'created',
  'restarting',
  'running',
  'removing',
  'paused',
  'exited',
  'dead',
  'lost',
];

export interface Listed {
  /** Whether containers that don't run are listed whatever the filters say. */
  readonly isAll: boolean;
  readonly listed: readonly ListedContainer[];
}

type Test = (container: ListedContainer, config: ContainerConfig | undefined) => boolean;

/** Whether a container fits every filter. */
export function testFrom(
  roots: Roots,
  texts: readonly string[],
  { isAll, listed }: Listed,
): (container: ListedContainer) => boolean {
  const filters = filtersFrom(texts, KNOWN);
  const isForEnded = isAll || filters.has('status') || ABOUT_ENDED.some((key) => filters.has(key));
  const tests = [...testsOfJournal(filters, listed), ...testsOfConfig(roots, filters)];
  return (container) => {
    if (!isForEnded && (container.state === 'created' || container.state === 'exited')) return false;
    const config = describeContainer(placesOf(roots, container.id, container.name));
    return tests.every((fits) => fits(container, config));
  };
}

/** Whether a container fits what `container prune` is asked for. */
export function prunedBy(roots: Roots, texts: readonly string[]): (container: ListedContainer) => boolean {
  const filters = filtersFrom(texts, ['label', 'label!', 'until']);
  const limits = (filters.get('until') ?? []).map((value) => momentOf('filter until', value, Date.now()));
  return ({ id, name, created }) => {
    const labels = new Map(describeContainer(placesOf(roots, id, name))?.labels ?? []);
    const isExcluded = (filters.get('label!') ?? []).some((label) => hasLabels(labels, [label]));
    const isOld = limits.every((limit) => Date.parse(created) < limit);
    return isOld && !isExcluded && hasLabels(labels, filters.get('label') ?? []);
  };
}

/** A test of each value; one of them must fit. */
function anyOf(filters: Filters, key: string, testOf: (value: string) => Test): readonly Test[] {
  const tests = filters.get(key)?.map(testOf);
  return tests === undefined ? [] : [(container, config) => tests.some((fits) => fits(container, config))];
}

function testsOfJournal(filters: Filters, listed: readonly ListedContainer[]): readonly Test[] {
  return [
    ...anyOf(
      filters,
      'id',
      (value) =>
        ({ id }) =>
          id.startsWith(value),
    ),
    ...anyOf(filters, 'name', (value) => {
      const expression = expressionOf(value);
      return ({ name }) => expression.test(name) || expression.test(`/${name}`);
    }),
    ...anyOf(
      filters,
      'command',
      (value) =>
        ({ command }) =>
          command.includes(value),
    ),
    ...testsOfState(filters),
    ...anyOf(filters, 'before', (value) => {
      const limit = createdOf(listed, value);
      return ({ created }) => created < limit;
    }),
    ...anyOf(filters, 'since', (value) => {
      const limit = createdOf(listed, value);
      return ({ created }) => created > limit;
    }),
    ...anyOf(filters, 'until', (value) => {
      const limit = momentOf('filter until', value, Date.now());
      return ({ created }) => Date.parse(created) < limit;
    }),
  ];
}

function testsOfState(filters: Filters): readonly Test[] {
  return [
    ...anyOf(filters, 'status', (value) => {
      if (!STATES.includes(value)) {
        throw usageError(`The status "${value}" is unknown: give one of ${STATES.join(', ')}`);
      }
      return (container) => shownState(container) === value;
    }),
    ...anyOf(
      filters,
      'health',
      (value) =>
        ({ health }) =>
          (health ?? 'none') === value,
    ),
    ...anyOf(filters, 'exited', (value) => {
      if (!/^\d{1,9}$/.test(value))
        throw usageError(`The filter "exited" takes an exit code, not "${value}"`);
      return ({ state, exitCode }) => state === 'exited' && exitCode === Number(value);
    }),
  ];
}

function testsOfConfig(roots: Roots, filters: Filters): readonly Test[] {
  const labels = filters.get('label');
  return [
    ...(labels === undefined ? [] : [labelTest(labels)]),
    ...anyOf(filters, 'ancestor', (value) => {
      const image = ancestorOf(roots, value);
      return (_, config) => {
        const own = config?.image;
        if (own === undefined) return false;
        if (own.reference === value || own.id === image?.id) return true;
        return (
          image !== undefined &&
          image.layers.length > 0 &&
          image.layers.every((file, at) => own.layers[at] === file)
        );
      };
    }),
    ...anyOf(
      filters,
      'volume',
      (value) => (_, config) =>
        config?.volumes.some(({ source, destination }) => source === value || destination === value) ?? false,
    ),
    ...anyOf(
      filters,
      'restart-policy',
      (value) => (_, config) => (config?.settings?.restart?.name ?? 'no') === value,
    ),
    ...anyOf(
      filters,
      'pod',
      (value) => (_, config) => config?.pod !== undefined && isPod(roots, config.pod, value),
    ),
    ...anyOf(
      filters,
      'network',
      (value) => (_, config) => config !== undefined && networkNames(config).includes(value),
    ),
  ];
}

function labelTest(wanted: readonly string[]): Test {
  return (_, config) => hasLabels(new Map(config?.labels ?? []), wanted);
}

function shownState({ state, isPaused }: ListedContainer): string {
  return isPaused ? 'paused' : state;
}

function createdOf(listed: readonly ListedContainer[], wanted: string): string {
  const found = listed.find(({ id, name }) => name === wanted || id.startsWith(wanted));
  if (found !== undefined) return found.created;
  throw usageError(
    `The filter names the container "${wanted}", which there is none of: corten ps -a lists them`,
  );
}

/** What can't be an image's name is none. */
function ancestorOf(roots: Roots, value: string): ReturnType<typeof imageOfContainers> {
  try {
    return imageOfContainers(roots, value);
  } catch {
    return undefined;
  }
}

function expressionOf(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch {
    throw usageError(`The filter "name" takes a regular expression, not "${text}"`);
  }
}
