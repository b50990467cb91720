import { copyFiles, type CopyEnd } from '../../engine/copy-files.ts';
import { findContainer } from '../../engine/find-container.ts';
import type { Roots } from '../../engine/roots.ts';
import { isTerminal } from '../../kernel/terminal.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { printError } from '../runt-context.ts';
import { parseVerb } from '../verb.ts';

const HELP = {
  usage: 'cp [flags] CONTAINER:PATH PATH|-\n       corten cp [flags] PATH|- CONTAINER:PATH',
  summary:
    'Copies files between a container, running or not, and the host. - is a tar archive on standard input or output.',
  flags: {
    archive: { kind: 'switch', short: 'a', help: 'with owners, devices and all attributes' },
    'follow-link': { kind: 'switch', short: 'L', help: 'what a link at the end of the source leads to' },
    quiet: { kind: 'switch', short: 'q', help: 'accepted for compatibility: nothing is printed' },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const [source, target, ...more] = options.rest;
  if (source === undefined || target === undefined || more.length > 0) {
    throw usageError('Give what to copy and where to, one of them as CONTAINER:PATH');
  }
  const [from, to] = [endOf(roots, source, 0), endOf(roots, target, 1)];
  if (from.kind !== 'container' && to.kind !== 'container') {
    throw usageError(
      `Neither "${source}" nor "${target}" names a container: give one of them as CONTAINER:PATH`,
    );
  }
  if (to.kind === 'archive' && isTerminal(1))
    throw usageError('The archive would go to the terminal: redirect it');
  copyFiles(roots, {
    from,
    to,
    followsLink: options.isOn('follow-link'),
    isArchive: options.isOn('archive'),
    warn: (message) => printError(`corten: ${message}\n`),
  });
  return 0;
}

/** A path of the host that has a colon begins with `/` or `.`. */
function endOf(roots: Roots, text: string, stream: number): CopyEnd {
  if (text === '-') return { kind: 'archive', fd: stream };
  const colon = text.indexOf(':');
  if (colon <= 0 || text.startsWith('/') || text.startsWith('.')) return { kind: 'host', path: text };
  return {
    kind: 'container',
    places: findContainer(roots, text.slice(0, colon)),
    path: text.slice(colon + 1),
  };
}
