import { test } from 'node:test';
import { Firewall, networkElements, portElement } from './firewall.ts';
test('x', () => {
  using f = new Firewall('corten');
  f.add(networkElements({ bridge: 'corten0', isInternal: false, subnets: ['10.1.0.0/16', 'fd00::/64'] }));
  f.add([
    portElement({
      family: 4,
      hostAddress: undefined,
      hostPort: 8080,
      protocol: 'tcp',
      address: '10.1.0.2',
      port: 80,
    }),
    portElement({
      family: 6,
      hostAddress: 'fd01::1',
      hostPort: 8080,
      protocol: 'udp',
      address: 'fd00::2',
      port: 80,
    }),
  ]);
});
