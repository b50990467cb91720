import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatReference, parseReference, shortReference } from './reference.ts';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

const FULL: readonly (readonly [string, string])[] = [
  ['hello', 'docker.io/library/hello:latest'],
  ['hello:1.0', 'docker.io/library/hello:1.0'],
  ['library/hello', 'docker.io/library/hello:latest'],
  ['docker.io/hello', 'docker.io/library/hello:latest'],
  ['index.docker.io/a/b:c', 'docker.io/a/b:c'],
  ['a/b', 'docker.io/a/b:latest'],
  ['localhost/a', 'localhost/a:latest'],
  ['localhost:5000/a:b', 'localhost:5000/a:b'],
  ['quay.io/a/b/c', 'quay.io/a/b/c:latest'],
  ['[::1]:5000/a', '[::1]:5000/a:latest'],
  ['Host/a', 'Host/a:latest'],
  [`hello@${DIGEST}`, `docker.io/library/hello@${DIGEST}`],
  [`hello:1@${DIGEST}`, `docker.io/library/hello:1@${DIGEST}`],
  ['a__b/c.d-e--f', 'docker.io/a__b/c.d-e--f:latest'],
  [`${'a'.repeat(237)}`, `docker.io/library/${'a'.repeat(237)}:latest`],
  [`a:${'T'.repeat(128)}`, `docker.io/library/a:${'T'.repeat(128)}`],
];

test('parseReference() gives short names the registry, repository and tag that Docker gives them', () => {
  for (const [text, full] of FULL) assert.equal(formatReference(parseReference(text)), full);
});

test('parseReference() leaves a full name as it is', () => {
  for (const [, full] of FULL) assert.equal(formatReference(parseReference(full)), full);
});

const INVALID: readonly (readonly [string, RegExp])[] = [
  ['', /is empty/],
  ['Hello', /capital letters/],
  ['a/', /no valid image name/],
  ['/a', /no valid image name/],
  ['a//b', /no valid image name/],
  ['../etc/passwd', /no host name|no valid image name/],
  ['a/../b', /no valid image name/],
  ['a___b', /no valid image name/],
  ['-a', /no valid image name/],
  ['a:', /tag/],
  ['a:-x', /tag/],
  [`a:${'t'.repeat(129)}`, /tag/],
  ['a b', /no valid image name/],
  ['a\u0000', /no valid image name/],
  ['häuser', /no valid image name/],
  ['-x.io/a', /no host name/],
  ['a@sha256:12', /digest/],
  ['a'.repeat(238), /longer than 255/],
  ['a'.repeat(1000), /longer than/],
  ['0'.repeat(64), /image ID/],
];

test('parseReference() refuses what the grammar of distribution has no name for, saying why', () => {
  for (const [text, message] of INVALID) {
    assert.throws(() => parseReference(text), { code: 'REFERENCE_INVALID' }, text);
    assert.throws(() => parseReference(text), { message }, text);
  }
});

test('shortReference() takes off what parseReference() puts on', () => {
  assert.equal(shortReference('docker.io/library/hello:latest'), 'hello:latest');
  assert.equal(shortReference('docker.io/a/b:1'), 'a/b:1');
  assert.equal(shortReference('docker.io/library/a/b:1'), 'library/a/b:1');
  assert.equal(shortReference('quay.io/library/b:1'), 'quay.io/library/b:1');
  for (const [, full] of FULL) assert.equal(formatReference(parseReference(shortReference(full))), full);
});
