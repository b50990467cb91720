import type { Mount } from '../../../pure/spec/runtime.ts';
import { createFile, readTextIfThere } from '../../kernel/files.ts';
import { tryOpenInRoot } from '../../kernel/mounts.ts';
import { O } from '../../kernel/constants.ts';
import { attempt } from '../../kernel/call.ts';
import { exists } from '../../monitor/places.ts';
import type { ContainerConfig } from '../container-config.ts';
import type { PreparedNetwork } from '../network/prepare-network.ts';

const READABLE = 0o644;
const LOCAL_HOSTS = '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n';

/** Files in a container's directory that it sees below /etc. */
export const ETC_FILES = ['hosts', 'hostname', 'resolv.conf'] as const;

export interface EtcFacts {
  /** The container's root directory, open. */
  readonly root: number;
  readonly network: Pick<PreparedNetwork, 'etc' | 'files'> | undefined;
}

/**
 * Makes the container's own hosts, hostname and resolv.conf, and says how they are mounted. In a directory of the
 * host that serves as root file system nothing is made for them: only files that are there get covered.
 */
export function makeEtcFiles(
  config: ContainerConfig,
  directory: string,
  { root, network }: EtcFacts,
): readonly Mount[] {
  const names =
    config.rootfs === undefined ? ETC_FILES : ETC_FILES.filter((name) => isThere(root, `etc/${name}`));
  return names.map((name) => {
    const shared = network?.files?.get(name);
    if (shared !== undefined) return mountOf(name, shared);
    const source = `${directory}/${name}`;
    const text = network?.etc.get(name);
    // What it has of networks may be new. Else the file is there where the container was started before, and stays,
    // as it may have changed it.
    if (text !== undefined) attempt('unlink', source);
    if (text !== undefined || !exists(source)) createFile(source, text ?? textOf(name, config), READABLE);
    return mountOf(name, source);
  });
}

function mountOf(name: string, source: string): Mount {
  return { destination: `/etc/${name}`, type: 'bind', source, options: ['bind', 'private'] };
}

function isThere(root: number, path: string): boolean {
  const result = tryOpenInRoot(root, path, O.PATH);
  if (result >= 0) attempt('close', result);
  return result >= 0;
}

function textOf(name: (typeof ETC_FILES)[number], { hostname, network }: ContainerConfig): string {
  if (name === 'hostname') return `${hostname}\n`;
  if (network === 'host') return readTextIfThere(`/etc/${name}`) ?? '';
  return name === 'hosts' ? `${LOCAL_HOSTS}127.0.0.1\t${hostname}\n` : '';
}
