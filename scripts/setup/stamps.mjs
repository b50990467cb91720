import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inCheckout } from './checkout.mjs';

/** One digest over the names and bytes of all files below the given paths of the checkout. */
export function digestOf(paths, skip = () => false) {
  const hash = createHash('sha256');
  for (const path of paths) addTree(hash, path, skip);
  return hash.digest('hex');
}

function addTree(hash, path, skip) {
  if (skip(path)) return;
  const children = readIfThere(() => readdirSync(inCheckout(path)));
  if (children !== undefined) {
    for (const name of children.sort()) addTree(hash, join(path, name), skip);
    return;
  }
  const content = readIfThere(() => readFileSync(inCheckout(path)));
  if (content !== undefined) hash.update(`${path}\0${content.length}\0`).update(content);
}

/** What an earlier set-up wrote under this name, or undefined. */
export function readStamp(name) {
  return readIfThere(() => readFileSync(stampFile(name), 'utf8'));
}

export function writeStamp(name, text) {
  mkdirSync(dirname(stampFile(name)), { recursive: true });
  writeFileSync(stampFile(name), text);
}

function stampFile(name) {
  return inCheckout('.tools', 'stamps', name);
}

function readIfThere(read) {
  try {
    return read();
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  }
}
