import { useAccessFlags } from '../engine/access-flags.ts';
import { usageError } from './corten-context.ts';
import type { Options } from './options.ts';
import { parseVerb, type VerbHelp } from './verb.ts';

/** podman's flags about registries. */
export const ACCESS_FLAGS = {
  'tls-verify': {
    kind: 'switch',
    help: 'with =false: also a registry that speaks plain HTTP or has a certificate nobody trusts',
  },
  creds: {
    kind: 'text',
    value: 'NAME:SECRET',
    help: 'a login for this command alone; others can see it here',
  },
  authfile: { kind: 'text', value: 'FILE', help: 'the only file that logins are looked for in' },
  'cert-dir': { kind: 'text', value: 'DIR', help: "with certificates, in place of certs.d's" },
} as const;

/** The options of a verb with such flags, which hold from here on; undefined when it was asked for help. */
export function parseRegistryVerb(help: VerbHelp, words: readonly string[]): Options | undefined {
  const options = parseVerb('corten', help, words);
  if (options !== undefined) applyAccess(options);
  return options;
}

/** What is pushed and to which name, of verbs that push. */
export function pushWords(
  { rest }: Options,
  what: string,
): { readonly name: string; readonly destination: string } {
  const [name, destination = name, ...more] = rest;
  if (name === undefined || destination === undefined || more.length > 0) {
    throw usageError(`Name the ${what} to push, and at most one more name for it`);
  }
  return { name, destination: destination.replace(/^docker:\/\//, '') };
}

/** Makes the flags hold for every registry that this command comes to. */
function applyAccess(options: Options): void {
  const [creds, authFile, certificates] = ['creds', 'authfile', 'cert-dir'].map((name) => options.text(name));
  const colon = creds?.indexOf(':') ?? -1;
  if (creds !== undefined && colon < 1) {
    throw usageError('The flag --creds takes NAME:SECRET; corten login keeps a login');
  }
  useAccessFlags({
    isInsecure: options.text('tls-verify') === 'false',
    ...(creds === undefined
      ? {}
      : {
          credentials: {
            kind: 'password',
            username: creds.slice(0, colon),
            password: creds.slice(colon + 1),
          },
        }),
    ...(authFile === undefined ? {} : { authFile }),
    ...(certificates === undefined ? {} : { certificates }),
  });
}
