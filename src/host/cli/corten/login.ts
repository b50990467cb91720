import { loggedInAs, logIn } from '../../engine/log-in.ts';
import { isTerminal } from '../../kernel/terminal.ts';
import { readAll } from '../../kernel/files.ts';
import { ACCESS_FLAGS, parseRegistryVerb } from '../access-words.ts';
import { EXIT, usageError, type CortenContext } from '../corten-context.ts';
import { ask, askSecret } from '../corten-prompt.ts';
import { registryDomain } from '../corten-registry.ts';
import type { Options } from '../options.ts';
import { print } from '../runt-context.ts';

const HELP = {
  usage: 'login [flags] [REGISTRY]',
  summary: 'Tries a login to a registry, docker.io unless named, and keeps it.',
  flags: {
    username: { kind: 'text', short: 'u', value: 'NAME', help: 'asked for unless given' },
    password: {
      kind: 'text',
      short: 'p',
      value: 'SECRET',
      help: 'others can see it here: better is --password-stdin',
    },
    'password-stdin': { kind: 'switch', help: 'read the password from standard input' },
    'get-login': { kind: 'switch', help: 'print who is logged in' },
    ...ACCESS_FLAGS,
  },
} as const;

export function main({ roots, words }: CortenContext): number {
  const options = parseRegistryVerb(HELP, words);
  if (options === undefined) return 0;
  const domain = registryDomain(options);
  if (options.isOn('get-login')) {
    const username = loggedInAs(domain);
    print(username === undefined ? `Not logged in to ${domain}\n` : `${username}\n`);
    return username === undefined ? EXIT.FAILED : 0;
  }
  const { username, password } = loginFrom(options);
  const place = logIn(roots, { domain, username, password });
  if (place === undefined) return EXIT.FAILED;
  print(`Login to ${domain} succeeded, and is kept in ${place}\n`);
  return 0;
}

function loginFrom(options: Options): { readonly username: string; readonly password: string } {
  const given = options.text('username');
  if (options.isOn('password-stdin')) {
    if (given === undefined) throw usageError('The flag --password-stdin needs --username');
    return { username: given, password: passwordFromInput() };
  }
  const password = options.text('password');
  if ((given === undefined || password === undefined) && !isTerminal(0)) {
    throw usageError('There is no terminal to ask on: give --username and --password-stdin');
  }
  const username = given ?? ask('Username: ');
  return { username, password: password ?? askSecret('Password: ') };
}

function passwordFromInput(): string {
  const content = readAll(0, 1 << 16);
  return utf8(content, 0, content.length).replace(/\r?\n$/, '');
}
