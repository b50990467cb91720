import type { Driver } from './types.ts';

/** An event of a network as docker tells it. */
export interface NetworkEvent {
  readonly type: 'network';
  readonly action: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface EventNetwork {
  readonly name: string;
  readonly id: string;
  readonly driver: Driver;
}

export function networkEvent(
  action: 'create' | 'connect' | 'disconnect' | 'destroy',
  { name, id, driver }: EventNetwork,
  container?: string,
): NetworkEvent {
  const attributes = { ...(container === undefined ? {} : { container }), name, type: driver };
  return { type: 'network', action, id, attributes };
}
