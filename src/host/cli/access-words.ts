import { useAccessFlags } from '../engine/access-flags.ts';
import { usageError } from './corten-context.ts';
import type { Options } from './options.ts';

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

/** Makes the flags hold for every registry that this command comes to. */
export function applyAccess(options: Options): void {
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
