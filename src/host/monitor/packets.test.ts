import assert from 'node:assert/strict';
import { test } from 'node:test';
import { creditOf, creditPacket, jsonOf, jsonPacket, PACKET, resizePacket, sizeOf } from './packets.ts';

test('packets come out as they went in', () => {
  for (const count of [0, 1, 255, 65536, 0xfffffffe]) assert.equal(creditOf(creditPacket(count)), count);
  assert.deepEqual(sizeOf(resizePacket(44, 300)), { height: 44, width: 300 });
  const packet = jsonPacket(PACKET.EXITED, { code: 137, text: 'ä' });
  assert.equal(packet[0], PACKET.EXITED);
  assert.deepEqual(jsonOf(packet, packet.length), { code: 137, text: 'ä' });
});

test('no two packets have one type', () => {
  const types = Object.values(PACKET);
  assert.equal(new Set(types).size, types.length);
});
