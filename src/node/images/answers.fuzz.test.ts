// A registry whose answers are damaged in any place: an image is pulled whole, or refused and nothing of it kept.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { test } from 'node:test';
import { isCortenError } from '../../pure/base/errors.ts';
import { formatJson, parseJson } from '../../pure/base/json.ts';
import { damagedBytes, damagedText, foolishValue } from '../../pure/base/testing/damage.ts';
import type { Dice } from '../../pure/base/testing/dice.ts';
import { fuzzAsync } from '../../pure/base/testing/fuzz.ts';
import { layerOf } from './testing/image-builder.ts';
import { RemoteImage } from './testing/remote-image.ts';

const CHALLENGES = [
  'Bearer realm="http://127.0.0.1:1/token",service="x",scope="repository:box:pull"',
  'Basic realm="x"',
  'Negotiate',
];

/** Everything that a registry says besides its body. */
function headersOf(dice: Dice, length: number): Record<string, string | number> {
  const all: readonly (readonly [string, string | number])[] = [
    ['content-type', dice.pick(['application/vnd.oci.image.index.v1+json', 'text/html', '', 'a;b="'])],
    ['content-length', dice.pick([length, length + 1, Math.max(0, length - 1), 0])],
    ['content-range', dice.pick(['bytes 0-1/2', 'bytes x', 'bytes 5-1/9999999999999999999'])],
    ['docker-content-digest', dice.pick([`sha256:${'0'.repeat(64)}`, 'sha256:', 'md5:x', ''])],
    ['www-authenticate', damagedText(dice, dice.pick(CHALLENGES)).replace(/[^\x20-\x7e]/g, '')],
    ['location', dice.pick(['/v2/', 'http://[', '', '//127.0.0.1:1/x', 'file:///etc/passwd'])],
    ['retry-after', dice.pick(['0', '-1', 'x', '99999999999'])],
    ['transfer-encoding', 'chunked'],
    ['content-encoding', dice.pick(['gzip', 'br', 'x'])],
  ];
  const chosen = all.filter(() => dice.below(6) === 0);
  const isChunked = chosen.some(([name]) => name === 'transfer-encoding');
  return Object.fromEntries(chosen.filter(([name]) => !isChunked || name !== 'content-length'));
}

/** What the right registry would say, and then not quite. */
function lie(
  remote: RemoteImage,
  dice: Dice,
  [request, response]: readonly [IncomingMessage, ServerResponse],
): void {
  const name = (request.url ?? '').split('/').at(-1) ?? '';
  const right =
    remote.registry.manifests.get(name)?.bytes ?? remote.registry.blobs.get(name) ?? Buffer.from('{}');
  const isDocument = right[0] === '{'.charCodeAt(0);
  const body = dice.pick([
    () => right,
    () => damagedBytes(dice, right),
    () =>
      Buffer.from(
        isDocument ? formatJson(foolishValue(dice, parseJson(Buffer.from(right).toString()))) : 'x',
      ),
  ])();
  const status = dice.pick([200, 200, 200, 200, 206, 204, 301, 307, 400, 401, 403, 404, 416, 500]);
  response.writeHead(status, headersOf(dice, body.length));
  if (dice.below(10) === 0) response.destroy();
  else response.end(body);
}

test('a registry that lies anywhere gives a whole image or an error, and nothing of its own stays', async () => {
  const layers = [layerOf('a', 'x'.repeat(2000)), layerOf('b', 'y'.repeat(2000))];
  const { rounds } = await fuzzAsync(async (dice) => {
    using remote = await RemoteImage.start({ layers });
    const lies = new Set(Array.from({ length: 1 + dice.below(3) }, () => dice.below(8)));
    let requests = 0;
    remote.registry.on(/./, (request, response) => {
      if (lies.has(requests++)) lie(remote, dice, [request, response]);
      else remote.registry.right(request, response);
    });
    try {
      await remote.pull();
      const config = createHash('sha256').update(remote.image.config).digest('hex');
      const [image] = remote.store.query('SELECT * FROM images');
      assert.ok(JSON.stringify(image).includes(config), 'it is the very image');
      return true;
    } catch (error) {
      if (!isCortenError(error)) throw error;
      // eslint-disable-next-line no-control-regex -- what a stranger wrote goes to a terminal
      assert.doesNotMatch(error.message, /[\x00-\x1f\x7f]/);
      for (const table of ['images', 'image_references'])
        assert.deepEqual(remote.store.query(`SELECT * FROM ${table}`), [], error.message);
      // What is whole stays under the pull's lease, for the next one: nothing but what the image has.
      for (const [digest] of remote.store.query('SELECT digest FROM contents'))
        assert.ok(remote.registry.blobs.has(String(digest)), error.message);
      return false;
    }
  });
  assert.ok(rounds > 0);
});
