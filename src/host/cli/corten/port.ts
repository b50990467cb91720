import { findContainer } from '../../engine/find-container.ts';
import { publishedPorts } from '../../engine/published-ports.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { print } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'port CONTAINER [PORT[/PROTOCOL]]',
  summary: 'Shows where the ports of a container are published.',
  flags: {},
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const [wanted, port, ...more] = options.rest;
  if (wanted === undefined || more.length > 0) throw usageError('Name one container, and one port at most');
  const places = findContainer(roots, wanted);
  const key = port === undefined ? undefined : keyOf(port);
  const lines = publishedPorts(places).filter(({ inner }) => key === undefined || inner === key);
  if (key !== undefined && lines.length === 0) {
    throw usageError(
      `The port ${key} of the container ${places.name} is not published: run it with -p to publish it`,
    );
  }
  print(
    lines.map(({ inner, outer }) => (key === undefined ? `${inner} -> ${outer}\n` : `${outer}\n`)).join(''),
  );
  return 0;
}

function keyOf(text: string): string {
  const match = /^(\d{1,5})(?:\/(tcp|udp|sctp))?$/.exec(text);
  if (match === null) throw usageError(`"${text}" is no port: give one as 80 or 53/udp`);
  return `${match[1]}/${match[2] ?? 'tcp'}`;
}
