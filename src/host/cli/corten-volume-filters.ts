import type { ListedVolume } from '../engine/volumes.ts';
import { usageError } from './corten-context.ts';

/** What all of the filters `KEY=VALUE` let through, as Docker has them for volumes. */
export function volumeFilter(texts: readonly string[]): (volume: ListedVolume) => boolean {
  const filters = texts.map(parse);
  return (volume) => filters.every((fits) => fits(volume));
}

function parse(text: string): (volume: ListedVolume) => boolean {
  const [, key, value = ''] = /^([a-z!]+)=(.*)$/s.exec(text) ?? [];
  switch (key) {
    case 'name':
      return ({ record }) => record.name.includes(value);
    case 'driver':
      return () => value === 'local';
    case 'dangling':
      return ({ users }) => (users.length === 0) === (value === 'true' || value === '1');
    case 'label':
      return ({ record }) =>
        record.labels.some(([name, content]) => value === name || value === `${name}=${content}`);
    default:
      throw usageError(`The filter "${text}" is unknown: give name=, label=, driver= or dangling=`);
  }
}
