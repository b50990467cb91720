import { createNetwork } from '../../engine/networks.ts';
import { missingNameServer } from '../../network/network-name-server.ts';
import type { Driver } from '../../network/types.ts';
import { usageError, type CortenContext } from '../corten-context.ts';
import { labelFrom } from '../corten-labels.ts';
import { print, printError } from '../runt-context.ts';
import { onlyWord, parseVerb } from '../verb.ts';

const HELP = {
  usage: 'network create [flags] NAME',
  summary: 'Makes a network, in which containers reach each other by address and name.',
  flags: {
    driver: {
      kind: 'text',
      short: 'd',
      value: 'bridge|macvlan',
      help: 'kind of network, bridge unless given',
    },
    subnet: { kind: 'list', value: 'ADDRESS/PREFIX', help: 'addresses of the network; one of each family' },
    gateway: { kind: 'list', value: 'ADDRESS', help: "the host's address in it, the first unless given" },
    'ip-range': {
      kind: 'list',
      value: 'ADDRESS/PREFIX',
      help: 'part of the subnet from which addresses are taken',
    },
    internal: { kind: 'switch', help: 'without a way to what is beyond the network' },
    ipv6: { kind: 'switch', help: 'with IPv6, in a subnet of its own unless one is given' },
    label: { kind: 'list', value: 'KEY=VALUE', help: 'note about the network' },
    opt: { kind: 'list', short: 'o', value: 'KEY=VALUE', help: 'option of the driver: mtu, parent, mode' },
    attachable: { kind: 'switch', help: 'accepted for compatibility: containers can always be connected' },
    'ipam-driver': { kind: 'text', value: 'NAME', help: 'accepted for compatibility: default' },
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseVerb('corten', HELP, words);
  if (options === undefined) return 0;
  const record = createNetwork(roots, {
    name: onlyWord(options, 'name of the network'),
    driver: driverFrom(options.text('driver')),
    subnets: options.list('subnet'),
    gateways: options.list('gateway'),
    ranges: options.list('ip-range'),
    isInternal: options.isOn('internal'),
    hasIpv6: options.isOn('ipv6'),
    labels: options.list('label').map(labelFrom),
    options: options.list('opt').map(optionFrom),
  });
  print(`${record.id}\n`);
  const warning = record.hasNames ? missingNameServer() : undefined;
  if (warning !== undefined) printError(`corten: ${warning}\n`);
  return 0;
}

function driverFrom(text: string | undefined): Driver {
  if (text === undefined || text === 'bridge') return 'bridge';
  if (text === 'macvlan') return text;
  throw usageError(`The driver "${text}" is unknown: give bridge or macvlan`);
}

function optionFrom(text: string): readonly [string, string] {
  const equals = text.indexOf('=');
  if (equals > 0) return [text.slice(0, equals), text.slice(equals + 1)];
  throw usageError(`The flag --opt takes KEY=VALUE, not "${text}"`);
}
