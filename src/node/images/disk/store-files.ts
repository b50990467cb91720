import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoreFiles } from '../../../pure/store/database.ts';

/** The two things that a change of the store does to files, under its write lock. */
export function createStoreFiles(root: string): StoreFiles {
  return {
    unlink: (file) => rmSync(join(root, file), { force: true }),
    replace: (file, text) => replaceFile(root, file, text),
  };
}

/** Flushes a folder's entries, so that a rename into it outlives a power cut. */
export function syncFolder(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** As syncFolder(), while other layers come. */
export async function flushFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r');
  await folder.sync();
}

function replaceFile(root: string, file: string, text: string): void {
  // One fixed name: the write lock admits one writer, and what a killed one left is overwritten.
  const fresh = join(root, `.${file}.new`);
  writeFileSync(fresh, text, { mode: 0o600, flush: true });
  renameSync(fresh, join(root, file));
  syncFolder(root);
}
