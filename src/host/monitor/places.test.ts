import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attempt, isSysError, sys } from '../kernel/call.ts';
import { LOCK, O } from '../kernel/constants.ts';
import { makeDirectories, openFile } from '../kernel/files.ts';
import { exists, isMonitored, lockDirectory, lockNames, readName, type Places } from './places.ts';
import { removeContainer } from './remove-container.ts';
import { Scratch } from './trial/scratch.ts';

function placesIn({ path }: Scratch): Places {
  makeDirectories(`${path}/names`);
  return {
    id: 'abc',
    name: 'one',
    directory: `${path}/abc`,
    runtimeRoot: `${path}/runt`,
    names: `${path}/names`,
    events: `${path}/events`,
  };
}

test('isMonitored() tells of the lock, and leaves it', () => {
  using scratch = new Scratch();
  using other = openFile(scratch.path, O.RDONLY | O.DIRECTORY);
  assert.equal(isMonitored(other.number), false);
  {
    using _held = lockDirectory(scratch.path);
    assert.equal(isMonitored(other.number), true);
  }
  assert.equal(isMonitored(other.number), false);
});

test('removeContainer() removes directory and name, whichever of them there is', () => {
  using scratch = new Scratch();
  const places = placesIn(scratch);
  for (const parts of [['directory'], ['name'], ['name', 'directory'], []]) {
    if (parts.includes('directory')) makeDirectories(`${places.directory}/upper/deep`);
    if (parts.includes('name')) sys('symlink', 'abc', `${places.names}/one`);
    assert.equal(removeContainer(places, false), true);
    assert.equal(exists(places.directory), false);
    assert.equal(exists(`${places.names}/one`), false);
  }
});

test('removeContainer() leaves a name that belongs to another container by now', () => {
  using scratch = new Scratch();
  const places = placesIn(scratch);
  sys('symlink', 'def', `${places.names}/one`);
  assert.equal(removeContainer(places, false), true);
  using names = lockNames(places.names, 'shared');
  assert.equal(readName(names.number, 'one'), 'def');
  assert.throws(
    () => readName(names.number, 'two'),
    (error: unknown) => isSysError(error, 'ENOENT'),
  );
});

test('names are freed by one command at a time, and not while a container is made', () => {
  using scratch = new Scratch();
  const { names } = placesIn(scratch);
  using _making = lockNames(names, 'shared');
  using _another = lockNames(names, 'shared');
  using remover = openFile(names, O.RDONLY | O.DIRECTORY);
  assert.equal(attempt('flock', remover.number, LOCK.EX | LOCK.NB), -11);
});
