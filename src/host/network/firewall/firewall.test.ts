import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressBytes, parseAddress } from '../../../pure/base/ip-address.ts';
import { networkElements, portElement } from './firewall.ts';
import { concatenated, interfaceKey } from './nf-tables.ts';

function bytesOf(text: string): readonly number[] {
  const address = parseAddress(text);
  assert.ok(address !== undefined);
  return [...addressBytes(address)];
}

test('a published port is a key of protocol and port in fields of four bytes, and leads to an address and a port', () => {
  const target = { hostPort: 8080, protocol: 'tcp', address: '10.85.0.2', port: 80 } as const;
  const any = portElement({ family: 4, hostAddress: undefined, ...target });
  assert.equal(any.set, 'any4');
  assert.deepEqual([...any.key], [6, 0, 0, 0, 0x1f, 0x90, 0, 0]);
  assert.deepEqual([...(any.data ?? [])], [10, 85, 0, 2, 0, 80, 0, 0]);
  const one = portElement({ family: 4, hostAddress: '192.0.2.1', ...target });
  assert.equal(one.set, 'ports4');
  assert.deepEqual([...one.key], [192, 0, 2, 1, 6, 0, 0, 0, 0x1f, 0x90, 0, 0]);
});

test('a port of IPv6 has keys of its own', () => {
  const six = portElement({
    family: 6,
    hostAddress: '2001:db8::1',
    hostPort: 53,
    protocol: 'udp',
    address: 'fd00::2',
    port: 5353,
  });
  assert.equal(six.set, 'ports6');
  assert.deepEqual([...six.key], [...bytesOf('2001:db8::1'), 17, 0, 0, 0, 0, 53, 0, 0]);
  assert.deepEqual([...(six.data ?? [])], [...bytesOf('fd00::2'), 0x14, 0xe9, 0, 0]);
});

test('a subnet is the range from its first address to the one behind its last', () => {
  const [, , nat] = networkElements({ bridge: 'ct-1', isInternal: false, subnets: ['10.85.0.0/16'] });
  assert.equal(nat?.set, 'nat4');
  assert.deepEqual([...(nat?.key ?? [])], bytesOf('10.85.0.0'));
  assert.deepEqual([...(nat?.end ?? [])], bytesOf('10.86.0.0'));
});

test('an internal network is hidden behind nothing, and known as such', () => {
  const elements = networkElements({ bridge: 'ct-1', isInternal: true, subnets: ['10.85.0.0/16'] });
  assert.deepEqual(
    elements.map(({ set }) => set),
    ['bridges', 'same', 'internal'],
  );
  assert.deepEqual(
    [...(elements[1]?.key ?? [])],
    [...concatenated(interfaceKey('ct-1'), interfaceKey('ct-1'))],
  );
});
