import { networkNames } from '../engine/network-names.ts';
import { containerUsage } from '../engine/container-changes.ts';
import { describeContainer, imageOfContainers } from '../engine/describe-container.ts';
import type { ListedContainer } from '../engine/list-containers.ts';
import { podName } from '../engine/pod-name.ts';
import { placesOf, type Roots } from '../engine/roots.ts';
import type { Row } from './container-row.ts';
import { sizeText } from '../../pure/base/size-text.ts';

export { testFrom } from './container-filters.ts';

const SHORT_MOUNT = 15;
const SHORT_ID = 12;

interface Detailed {
  readonly container: ListedContainer;
  readonly isWhole: boolean;
  readonly hasSize: boolean;
}

/** A row with what its container's configuration says; `Label` is a method of templates. */
export function withDetails(roots: Roots, row: Row, { container, isWhole, hasSize }: Detailed): Row {
  const places = placesOf(roots, container.id, container.name);
  const config = describeContainer(places);
  if (config === undefined) return row;
  const labels = new Map(config.labels);
  const shorten = (path: string): string =>
    isWhole || path.length <= SHORT_MOUNT ? path : `${path.slice(0, SHORT_MOUNT - 1)}…`;
  const detailed = {
    ...row,
    Labels: [...labels].map(([key, value]) => `${key}=${value}`).join(','),
    LocalVolumes: String(config.volumes.filter(({ type }) => type === 'volume').length),
    Mounts: config.volumes
      .filter(({ type }) => type !== 'tmpfs')
      .map(({ source }) => shorten(source))
      .join(','),
    Networks: networkNames(config).join(','),
    Size: hasSize ? sizeOf(roots, places, config.image?.id) : row.Size,
  };
  // No data: it is left out of JSON, and so is a pod where there is none.
  return Object.defineProperties(detailed, {
    Label: { value: (name: unknown) => labels.get(String(name)) ?? '', enumerable: false },
    ...podOf(roots, config.pod, isWhole),
  });
}

function podOf(roots: Roots, id: string | undefined, isWhole: boolean): PropertyDescriptorMap {
  const name = id === undefined ? '' : podName(roots, id);
  const isIn = id !== undefined;
  const shown = isWhole ? (id ?? '') : (id ?? '').slice(0, SHORT_ID);
  return { Pod: { value: shown, enumerable: isIn }, PodName: { value: name, enumerable: isIn } };
}

function sizeOf(roots: Roots, places: ReturnType<typeof placesOf>, image: string | undefined): string {
  const { size: written } = containerUsage(places);
  const below = image === undefined ? 0 : (imageOfContainers(roots, image)?.size ?? 0);
  return `${sizeText(written)} (virtual ${sizeText(written + below)})`;
}
