/**
 * How a registry is reached: what the engine finds out as the user, and hands to the program that speaks HTTP, which
 * reads no configuration and no credentials of its own.
 */

export type Credentials =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  /** An OAuth2 refresh token ("identity token" in Docker's words), good for getting others. */
  | { readonly kind: 'identity'; readonly token: string }
  /** A token that is sent to the registry as it is. */
  | { readonly kind: 'bearer'; readonly token: string };

/** A client's certificate with its key, PEM. */
export interface ClientCertificate {
  readonly certificate: string;
  readonly key: string;
}

export interface TlsSettings {
  /** Authorities that are trusted besides the machine's own, PEM. */
  readonly authorities: readonly string[];
  readonly clients: readonly ClientCertificate[];
  readonly skipVerify: boolean;
}

export type Capability = 'pull' | 'resolve' | 'push';

export interface RegistryEndpoint {
  /** `https://host[:port][/prefix]`: the API's `/v2/` and so on follows. */
  readonly url: string;
  /** Whether plain HTTP is spoken to it: never, if it doesn't speak TLS, or always. */
  readonly plainHttp: 'never' | 'fallback' | 'only';
  readonly capabilities: readonly Capability[];
  /** Whether the prefix of the URL takes the place of `/v2` (hosts.toml's override_path). */
  readonly isWholePath?: boolean;
  /** The name by which the endpoint knows the repository, where that is another. */
  readonly repository?: string;
  /** The registry that is meant, for an endpoint that mirrors several (containerd's query `ns`). */
  readonly namespace?: string;
  readonly credentials?: Credentials;
  readonly tls?: TlsSettings;
  /** Sent with every request to the endpoint itself. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
}

/** `HTTPS_PROXY` and its kin, as curl and Go read them. */
export interface ProxySettings {
  readonly http?: string;
  readonly https?: string;
  readonly none?: string;
}

export interface RegistryAccess {
  /** Tried in this order: mirrors first, the registry itself last. */
  readonly endpoints: readonly RegistryEndpoint[];
  readonly proxy?: ProxySettings;
  /** The file of the machine's own authorities; Node's list where there is none. */
  readonly authorities?: string;
}

/** The host that Docker Hub's API answers at; its name in references is docker.io. */
const HUB = 'docker.io';
const HUB_HOST = 'registry-1.docker.io';

const ALL: readonly Capability[] = ['pull', 'resolve', 'push'];

/** The registry of a reference's domain itself, as it is reached where nothing is configured. */
export function ownEndpoint(domain: string): RegistryEndpoint {
  const host = domain === HUB ? HUB_HOST : domain;
  return {
    url: `https://${host}`,
    plainHttp: isLoopback(host) ? 'fallback' : 'never',
    capabilities: ALL,
  };
}

/** Whether a host (with or without a port) is this machine, which nobody listens to from outside. */
function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, '');
  return name === 'localhost' || name === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(name);
}
