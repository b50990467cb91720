import { shortReference } from '../../../pure/store/reference.ts';
import { diskUsage, type DiskUsage } from '../../engine/disk-usage.ts';
import type { CortenContext } from '../corten-context.ts';
import { FORMAT_FLAG, printList } from '../corten-format.ts';
import { sizeText } from '../../../pure/base/size-text.ts';
import { print } from '../runt-context.ts';
import { table } from '../table.ts';
import { parseVerb, refuseWords } from '../verb.ts';

const HELP = {
  usage: 'system df [flags]',
  summary: 'Shows what takes how much of the disk, and what system prune would give back.',
  flags: {
    verbose: { kind: 'switch', short: 'v', help: 'image by image, and container by container' },
    format: FORMAT_FLAG,
  },
} as const;

const SHORT_ID = 12;
const PREFIX = 'sha256:'.length;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  refuseWords(options);
  const usage = diskUsage(roots);
  if (options.isOn('verbose')) print(wholeText(usage));
  else {
    const columns = ['Type', 'TotalCount', 'Active', 'Size', 'Reclaimable'] as const;
    const list = {
      rows: rowsOf(usage),
      headers: { TotalCount: 'TOTAL' },
      columns,
      identifier: 'Type',
    } as const;
    printList(list, { format: options.text('format'), isQuiet: false });
  }
  return 0;
}

interface Row {
  readonly Type: string;
  readonly TotalCount: string;
  readonly Active: string;
  readonly Size: string;
  readonly Reclaimable: string;
}

function rowsOf({ images, containers, imagesSize, imagesReclaimable, leftovers }: DiskUsage): readonly Row[] {
  const written = containers.reduce((sum, { size }) => sum + size, 0);
  const ended = containers.filter(({ isRunning }) => !isRunning);
  const row = (Type: string, counts: readonly [number, number], sizes: readonly [number, number]): Row => ({
    Type,
    TotalCount: String(counts[0]),
    Active: String(counts[1]),
    Size: sizeText(sizes[0]),
    Reclaimable: `${sizeText(sizes[1])}${sizes[0] > 0 ? ` (${Math.round((sizes[1] / sizes[0]) * 100)}%)` : ''}`,
  });
  return [
    row(
      'Images',
      [images.length, images.filter(({ isUsed }) => isUsed).length],
      [imagesSize, imagesReclaimable],
    ),
    row(
      'Containers',
      [containers.length, containers.length - ended.length],
      [written, ended.reduce((sum, { size }) => sum + size, 0)],
    ),
    row('Ended pulls', [leftovers > 0 ? 1 : 0, 0], [leftovers, leftovers]),
  ];
}

function wholeText({ images, containers }: DiskUsage): string {
  const imageRows = images.map(({ id, references, size, unique, isUsed }) => [
    references.map(shortReference).join(' ') || '<none>',
    id.slice(PREFIX, PREFIX + SHORT_ID),
    sizeText(size),
    sizeText(size - unique),
    sizeText(unique),
    isUsed ? 'yes' : 'no',
  ]);
  const containerRows = containers.map(({ id, name, size, isRunning }) => [
    id.slice(0, SHORT_ID),
    name,
    isRunning ? 'running' : 'ended',
    sizeText(size),
  ]);
  return (
    `Images:\n${table([['NAMES', 'IMAGE ID', 'SIZE', 'SHARED', 'UNIQUE', 'IN USE'], ...imageRows])}` +
    `\nContainers:\n${table([['CONTAINER ID', 'NAME', 'STATE', 'WRITTEN'], ...containerRows])}`
  );
}
