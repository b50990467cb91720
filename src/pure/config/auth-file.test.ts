import { test } from 'node:test';
import assert from 'node:assert/strict';
import { toBase64 } from '../base/base64.ts';
import { findAuth, parseHelperAnswer, serverOf } from './auth-file.ts';

function find(file: object, domain: string, repository = 'a/b') {
  return findAuth({ path: '/c.json', text: JSON.stringify(file) }, { domain, repository });
}

function user(name: string): object {
  return { auth: toBase64(`${name}:p:w`) };
}

function password(username: string): object {
  return { kind: 'password', username, password: 'p:w' };
}

test('findAuth() knows a registry by host, by address and by the names of Docker Hub', () => {
  const auths = {
    'https://index.docker.io/v1/': user('hub'),
    'quay.io': user('quay'),
    'http://localhost:5000/v2/': user('local'),
  };
  assert.deepEqual(find({ auths }, 'docker.io'), [password('hub')]);
  assert.deepEqual(find({ auths }, 'quay.io'), [password('quay')]);
  assert.deepEqual(find({ auths }, 'localhost:5000'), [password('local')]);
  assert.deepEqual(find({ auths }, 'localhost'), []);
  assert.deepEqual(find({}, 'quay.io'), []);
  assert.deepEqual(findAuth({ path: '/c', text: ' \n' }, { domain: 'a', repository: '' }), []);
});

test('findAuth() takes the longest part of a registry that fits, and no half of a name', () => {
  const auths = {
    'q.io': user('all'),
    'q.io/a': user('team'),
    'q.io/a/b/c': user('other'),
    'q.io/ab': user('x'),
  };
  assert.deepEqual(find({ auths }, 'q.io'), [password('team')]);
  assert.deepEqual(find({ auths }, 'q.io', 'a/b/c'), [password('other')]);
  assert.deepEqual(find({ auths }, 'q.io', 'abc'), [password('all')]);
});

test('findAuth() knows tokens, and prefers a helper for the host to the one for all', () => {
  const auths = {
    i: { auth: toBase64('<token>:'), identitytoken: 'refresh' },
    r: { registrytoken: 'pass' },
    u: { username: 'jane', password: 'p:w' },
    e: {},
  };
  assert.deepEqual(find({ auths }, 'i'), [{ kind: 'identity', token: 'refresh' }]);
  assert.deepEqual(find({ auths }, 'r'), [{ kind: 'bearer', token: 'pass' }]);
  assert.deepEqual(find({ auths }, 'u'), [password('jane')]);
  assert.deepEqual(find({ auths }, 'e'), []);
  const helpers = { credsStore: 'all', credHelpers: { 'one.io': 'one' }, auths: { 'two.io': user('two') } };
  assert.deepEqual(find(helpers, 'one.io'), [{ kind: 'helper', name: 'one', server: 'one.io' }]);
  assert.deepEqual(find(helpers, 'two.io'), [
    { kind: 'helper', name: 'all', server: 'two.io' },
    password('two'),
  ]);
  assert.equal(serverOf('docker.io'), 'https://index.docker.io/v1/');
});

test('findAuth() names the file and the field that are wrong', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['nonsense', /The file \/c\.json is not JSON$/],
    ['[]', /The file \/c\.json is not an object$/],
    ['{"auths":{"a":{"auth":"%"}}}', /Field auths\.a\.auth of the file \/c\.json is not the base64 form/],
    ['{"auths":{"a":{"auth":1}}}', /auths\.a\.auth .* is not a string$/],
    ['{"credsStore":"../sh"}', /credential helper "\.\.\/sh", which is no name$/],
  ];
  for (const [text, message] of cases) {
    assert.throws(() => findAuth({ path: '/c.json', text }, { domain: 'a', repository: '' }), message);
  }
});

test('parseHelperAnswer() tells tokens from passwords', () => {
  assert.deepEqual(parseHelperAnswer('{"ServerURL":"a","Username":"<token>","Secret":"t"}', 'x'), {
    kind: 'identity',
    token: 't',
  });
  assert.deepEqual(parseHelperAnswer('{"Username":"jane","Secret":"p:w"}', 'x'), password('jane'));
  assert.throws(() => parseHelperAnswer('{}', 'x'), /docker-credential-x is missing/);
});
