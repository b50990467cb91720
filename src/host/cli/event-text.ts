import type { NamedEvent } from '../engine/read-events.ts';
import { filtersFrom, hasLabels } from './corten-filters.ts';

const KNOWN = ['container', 'event', 'image', 'network', 'volume', 'label', 'type', 'id', 'name', 'scope'];

/** As docker's command line shows an event. */
export function lineOf({ time, type, action, id, attributes }: NamedEvent): string {
  const pairs = Object.entries(attributes).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const text = pairs.length === 0 ? '' : ` (${pairs.map(([key, value]) => `${key}=${value}`).join(', ')})`;
  return onOneLine(`${time} ${type} ${action} ${id}${text}`);
}

/** Labels are a stranger's words. */
function onOneLine(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, ' ');
}

/** As docker's API tells it (SystemEvents). */
export function documentOf({ number, time, type, action, id, attributes }: NamedEvent): object {
  const milliseconds = Date.parse(time);
  const nanoseconds = BigInt(Math.floor(milliseconds / 1000)) * 1_000_000_000n + BigInt(time.slice(20, 29));
  const isContainer = type === 'container';
  return {
    ...(isContainer || type === 'image' ? { status: action, id } : {}),
    ...(isContainer ? { from: attributes['image'] ?? '' } : {}),
    Type: type,
    Action: action,
    Actor: { ID: id, Attributes: attributes },
    scope: 'local',
    Number: number,
    time: Math.floor(milliseconds / 1000),
    timeNano: nanoseconds,
  };
}

function withoutTag(image: string): string {
  return image.replace(/(?::[^:/@]+)?(?:@.*)?$/, '');
}

/** Whether an event fits every filter; several values of one are alternatives, labels are wanted all. */
export function isShown(texts: readonly string[]): (event: NamedEvent) => boolean {
  const filters = filtersFrom(texts, KNOWN);
  const fits = (key: string, test: (value: string) => boolean): boolean =>
    filters.get(key)?.some(test) ?? true;
  return ({ type, action, id, attributes }) => {
    const isNamed = (value: string): boolean =>
      attributes['name'] === value || (value !== '' && id.startsWith(value));
    const ofType = (wanted: string) => (value: string) => type === wanted && isNamed(value);
    const images = [type === 'image' ? id : (attributes['image'] ?? ''), attributes['name'] ?? ''];
    return (
      fits('type', (value) => type === value) &&
      fits('event', (value) => action === value || action.startsWith(`${value}:`)) &&
      fits('id', (value) => id.startsWith(value)) &&
      fits('name', isNamed) &&
      fits('scope', (value) => value === 'local') &&
      fits('container', ofType('container')) &&
      fits('network', ofType('network')) &&
      fits('volume', ofType('volume')) &&
      fits('image', (value) => images.some((image) => image === value || withoutTag(image) === value)) &&
      hasLabels(new Map(Object.entries(attributes)), filters.get('label') ?? [])
    );
  };
}
