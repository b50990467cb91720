// Read where somebody asks for help, or a shell for the flags of a verb.

import type { FlagTable } from './options.ts';
import { print } from './runt-context.ts';

export interface Help {
  readonly usage: string;
  readonly summary: string;
  readonly flags: FlagTable;
}

export function printHelp(program: string, { usage, summary, flags }: Help): void {
  const text = `${summary}\n\nFlags:\n${describeFlags(flags)}`;
  print(program === 'runt' ? `${peerHeading(usage)}${text}` : `${program} ${usage}\n\n${text}`);
}

export function printFlags(flags: FlagTable, begin: string): void {
  const lines = Object.entries(flags)
    .map(([name, { help }]) => ({ word: `${name.length === 1 ? '-' : '--'}${name}`, help }))
    .filter(({ word }) => word.startsWith(begin));
  print(lines.map(({ word, help }) => `${word}\t${help}\n`).join(''));
}

/** As runc begins a verb's help; its line of the name says which verb of runc's this is. */
function peerHeading(usage: string): string {
  const verb = usage.split(' ', 1)[0] ?? '';
  return `NAME:\n   runt ${verb} - the peer of runc ${verb}\n\nUSAGE:\n   runt ${usage}\n\n`;
}

/** The flags as lines of a help text. */
export function describeFlags(flags: FlagTable): string {
  const rows = Object.entries(flags).map(([name, flag]) => {
    const short = flag.short === undefined ? '    ' : `-${flag.short}, `;
    const dashes = name.length === 1 ? '-' : '--';
    const value = flag.kind === 'switch' ? '' : ` ${flag.value ?? 'VALUE'}`;
    return { left: `  ${short}${dashes}${name}${value}`, help: flag.help };
  });
  const width = Math.max(...rows.map((row) => row.left.length)) + 2;
  return rows.map((row) => `${row.left.padEnd(width)}${row.help}\n`).join('');
}
