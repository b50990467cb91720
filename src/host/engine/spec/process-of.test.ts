import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ImageProcess } from '../../../pure/spec/image.ts';
import type { RunRequest } from '../run-request.ts';
import { processOf, withDefaults, withVariable } from './process-of.ts';

const IMAGE: ImageProcess = {
  User: 'jane',
  Env: ['PATH=/bin', 'A=1'],
  Entrypoint: ['/entry'],
  Cmd: ['arg'],
  WorkingDir: '/work',
  StopSignal: '',
  Labels: new Map(),
  ExposedPorts: [],
  Volumes: [],
  Healthcheck: undefined,
};

function process(
  changes: Partial<RunRequest>,
  image: ImageProcess | undefined = IMAGE,
): ReturnType<typeof processOf> {
  const request = {
    command: [],
    entrypoint: undefined,
    env: [],
    workingDirectory: undefined,
    user: undefined,
    ...changes,
  };
  return processOf(request as unknown as RunRequest, image);
}

test('processOf() takes from the image what the user leaves out', () => {
  assert.deepEqual(process({}), {
    entrypoint: ['/entry'],
    command: ['arg'],
    env: ['PATH=/bin', 'A=1'],
    workingDirectory: '/work',
    user: 'jane',
  });
  assert.deepEqual(process({ command: ['x', 'y'] }).command, ['x', 'y']);
  assert.deepEqual(process({ user: '5', workingDirectory: '/else' }).user, '5');
});

test("an entrypoint that is given drops the image's arguments too", () => {
  assert.deepEqual(process({ entrypoint: '/own' }), { ...process({}), entrypoint: ['/own'], command: [] });
  assert.deepEqual(process({ entrypoint: '', command: ['x'] }).entrypoint, []);
  assert.throws(() => process({ entrypoint: '' }), { code: 'ENGINE_COMMAND_MISSING' });
  assert.throws(() => process({}, { ...IMAGE, Entrypoint: [], Cmd: [] }), { code: 'ENGINE_COMMAND_MISSING' });
});

test('a working directory of an image without a leading slash gets one', () => {
  assert.equal(process({}, { ...IMAGE, WorkingDir: 'app' }).workingDirectory, '/app');
});

test('withVariable() replaces by name, in place', () => {
  assert.deepEqual(withVariable(['A=1', 'B=2', 'AB=3'], 'A=x=y'), ['A=x=y', 'B=2', 'AB=3']);
  assert.deepEqual(withVariable(['A=1'], 'B=2'), ['A=1', 'B=2']);
});

test('withDefaults() adds what is missing, and leaves out what is no variable', () => {
  assert.deepEqual(withDefaults(['PATH=/x', 'NOTHING', '=x'], 'host', true), [
    'PATH=/x',
    'HOSTNAME=host',
    'TERM=xterm',
  ]);
  assert.match(withDefaults([], 'host', false).join(' '), /^PATH=\S+\/bin HOSTNAME=host$/);
});
