import { retry } from '../../kernel/call.ts';
import { LOCK, O } from '../../kernel/constants.ts';
import { encode, openFile, readAll, writeAll } from '../../kernel/files.ts';
import { readContainerNetwork } from '../../network/container-network.ts';
import { networkModule } from '../../network/networks.ts';
import type { ContainerConfig } from '../container-config.ts';
import { engineError } from '../errors.ts';
import type { JoinedPod } from '../pods/joined-pod.ts';
import { pathOf } from './namespace-path.ts';
import type { PreparedNetwork } from './prepare-network.ts';

const LOOPBACK = '127.0.0.1';

/** The pod's network, and the pod's own files below /etc, in which the container's name is put too. */
export function shareWithPod(pod: JoinedPod, config: ContainerConfig): PreparedNetwork {
  const { directory, shared } = pod;
  const namespace = shared.get('net');
  if (namespace === undefined) {
    const text = `The pod ${pod.config.name} keeps no network for its containers: make it anew`;
    throw engineError('ENGINE_POD_LOST', text);
  }
  const network = readContainerNetwork(directory);
  const own = network?.endpoints.flatMap(({ addresses }) => addresses.map(({ address }) => address)) ?? [];
  for (const address of own.length === 0 ? [LOOPBACK] : own)
    addHost(`${directory}/hosts`, address, config.name);
  const names = pod.config.shares.includes('uts')
    ? ['hosts', 'resolv.conf', 'hostname']
    : ['hosts', 'resolv.conf'];
  return {
    namespace: pathOf(namespace, config),
    etc: new Map(),
    events: [],
    files: new Map(names.map((name) => [name, `${directory}/${name}`])),
    spent: [],
    portText: network === undefined ? '' : networkModule().portText(network),
    serve: () => ({ helpers: [], watch: undefined }),
  };
}

/** In place: all containers of the pod have the very file mounted, and may have changed it. */
function addHost(path: string, address: string, name: string): void {
  using file = openFile(path, O.RDWR | O.APPEND | O.NOFOLLOW);
  retry('flock', file.number, LOCK.EX);
  const content = readAll(file.number);
  const text = utf8(content, 0, content.length);
  const line = `${address}\t${name}`;
  const isWhole = text === '' || text.endsWith('\n');
  if (!text.split('\n').includes(line)) writeAll(file.number, encode(`${isWhole ? '' : '\n'}${line}\n`));
}
