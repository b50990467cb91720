import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addressBytes,
  addressOf,
  contains,
  formatAddress,
  formatSubnet,
  lastOf,
  overlaps,
  parseAddress,
  parseSubnet,
  type Subnet,
} from './ip-address.ts';

const canonical: readonly (readonly [string, string])[] = [
  ['192.0.2.1', '192.0.2.1'],
  ['0.0.0.0', '0.0.0.0'],
  ['::', '::'],
  ['::1', '::1'],
  ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['fe80::', 'fe80::'],
  ['::ffff:192.0.2.1', '::ffff:c000:201'],
  ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
];

for (const [text, expected] of canonical) {
  test(`the address ${text} is ${expected}, by its bytes too`, () => {
    const address = parseAddress(text);
    assert.ok(address !== undefined);
    assert.equal(formatAddress(address), expected);
    assert.equal(formatAddress(addressOf(addressBytes(address))), expected);
  });
}

const wrong = [
  '',
  '1.2.3',
  '1.2.3.256',
  '01.2.3.4',
  '1.2.3.4.5',
  ':',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7',
  'g::1',
];
for (const text of [...wrong, '1:2:3:4:5:6:7:8:9', '::1%eth0', '1.2.3.4/24', '::1.2.3']) {
  test(`"${text}" is no address`, () => assert.equal(parseAddress(text), undefined));
}

function subnet(text: string): Subnet {
  const parsed = parseSubnet(text);
  assert.ok(parsed !== undefined);
  return parsed;
}

test('a subnet begins with its lowest address and ends with its highest', () => {
  assert.equal(formatSubnet(subnet('10.1.2.3/24')), '10.1.2.0/24');
  assert.equal(formatAddress(lastOf(subnet('10.1.2.3/24'))), '10.1.2.255');
  assert.equal(formatAddress(lastOf(subnet('fd00::/64'))), 'fd00::ffff:ffff:ffff:ffff');
  for (const text of ['10.0.0.0', '10.0.0.0/33', '::/129', '10.0.0.0/-1', 'x/8']) {
    assert.equal(parseSubnet(text), undefined, text);
  }
});

test('subnets contain addresses of their family, and overlap where one contains the other', () => {
  const inside = parseAddress('10.1.255.255');
  assert.ok(inside !== undefined && contains(subnet('10.1.0.0/16'), inside));
  assert.ok(!contains(subnet('10.2.0.0/16'), inside));
  assert.ok(overlaps(subnet('10.0.0.0/8'), subnet('10.1.2.0/24')));
  assert.ok(overlaps(subnet('10.1.2.0/24'), subnet('10.0.0.0/8')));
  assert.ok(!overlaps(subnet('10.1.2.0/24'), subnet('10.1.3.0/24')));
  assert.ok(!overlaps(subnet('0.0.0.0/0'), subnet('::/0')));
});
