import { parseAddress, parseSubnet } from '../../../pure/base/ip-address.ts';
import { isCortenError } from '../../../pure/base/errors.ts';
import type { CniState, EndpointAddress, PublishedPort } from '../types.ts';
import { CNI_PREFIX } from './cni.ts';
import { readCniConfig, type CniConfig, type CniPlugin } from './read-config.ts';
import { runPlugin } from './run-plugin.ts';

const CONFIG_VARIABLE = 'CNI_CONF_DIR';
const PATH_VARIABLE = 'CNI_PATH';
const CONFIG_FOLDER = '/etc/cni/net.d';
const PLUGIN_FOLDERS = ['/opt/cni/bin', '/usr/libexec/cni', '/usr/lib/cni'];

/** What is needed to make and to remove a container's part in it, as it is configured now. */
export function readCni(network: string): CniState {
  const config = readCniConfig(variable(CONFIG_VARIABLE) ?? CONFIG_FOLDER, network.slice(CNI_PREFIX.length));
  return { config, path: variable(PATH_VARIABLE)?.split(':') ?? PLUGIN_FOLDERS };
}

function variable(name: string): string | undefined {
  return (
    environ()
      .find((text) => text.startsWith(`${name}=`))
      ?.slice(name.length + 1) || undefined
  );
}

export interface CniRequest {
  readonly state: CniState;
  readonly container: string;
  /** Path of the network namespace; empty where it is gone. */
  readonly namespace: string;
  readonly inside: string;
  readonly ports: readonly PublishedPort[];
}

export interface CniOutcome {
  readonly state: CniState;
  readonly mac: string;
  readonly addresses: readonly EndpointAddress[];
}

/** Has each plugin add the container, with the result of the one before (CNI specification 1.1.0, section 3). */
export function addByCni(request: CniRequest): CniOutcome {
  const config = request.state.config as CniConfig;
  let result: unknown;
  for (const plugin of config.plugins) {
    result = runPlugin(callOf(request, { command: 'ADD', config, plugin, result })) ?? result;
  }
  return { state: { ...request.state, result }, ...readResult(result) };
}

/** In the other direction, and each one whatever became of the others: what is gone already is no error. */
export function removeByCni(request: CniRequest): void {
  const { config, result } = request.state as { readonly config: CniConfig; readonly result?: unknown };
  for (const plugin of config.plugins.toReversed()) {
    try {
      runPlugin(callOf(request, { command: 'DEL', config, plugin, result }));
    } catch (error) {
      if (!isCortenError(error)) throw error;
    }
  }
}

interface Step {
  readonly command: 'ADD' | 'DEL';
  readonly config: CniConfig;
  readonly plugin: CniPlugin;
  readonly result: unknown;
}

function callOf(
  { state, container, namespace, inside, ports }: CniRequest,
  { command, config, plugin, result }: Step,
): Parameters<typeof runPlugin>[0] {
  const { cniVersion, name } = config;
  const runtimeConfig =
    plugin.capabilities?.['portMappings'] === true ? { portMappings: mappingsOf(ports) } : undefined;
  return {
    type: plugin.type,
    path: state.path,
    variables: [
      `CNI_COMMAND=${command}`,
      `CNI_CONTAINERID=${container}`,
      `CNI_NETNS=${namespace}`,
      `CNI_IFNAME=${inside}`,
      `CNI_PATH=${state.path.join(':')}`,
    ],
    config: {
      ...plugin,
      cniVersion,
      name,
      ...(result === undefined ? {} : { prevResult: result }),
      ...(runtimeConfig === undefined ? {} : { runtimeConfig }),
    },
  };
}

/** One of IPv4 stands for all addresses of the host. */
function mappingsOf(ports: readonly PublishedPort[]): readonly object[] {
  return ports
    .filter(({ hostAddress }) => hostAddress !== '::')
    .map(({ hostAddress, hostPort, port, protocol }) => ({
      hostPort,
      containerPort: port,
      protocol,
      ...(hostAddress === '0.0.0.0' ? {} : { hostIP: hostAddress }),
    }));
}

interface Result {
  readonly interfaces?: readonly { readonly mac?: string; readonly sandbox?: string }[];
  readonly ips?: readonly { readonly address?: string; readonly gateway?: string }[];
}

/** As far as it says what the container has; a plugin of others may say anything. */
function readResult(result: unknown): Pick<CniOutcome, 'mac' | 'addresses'> {
  const { interfaces, ips } = (typeof result === 'object' && result !== null ? result : {}) as Result;
  const own = Array.isArray(interfaces) ? (interfaces as NonNullable<Result['interfaces']>) : [];
  const addresses = Array.isArray(ips) ? (ips as NonNullable<Result['ips']>) : [];
  return {
    mac: own.find(({ sandbox }) => typeof sandbox === 'string' && sandbox !== '')?.mac ?? '',
    addresses: addresses.flatMap(({ address = '', gateway = '' }): readonly EndpointAddress[] => {
      const [text = ''] = address.split('/');
      const subnet = parseSubnet(address);
      if (subnet === undefined) return [];
      const hasGateway = parseAddress(gateway) !== undefined;
      return [{ address: text, prefix: subnet.prefix, ...(hasGateway ? { gateway } : {}) }];
    }),
  };
}
