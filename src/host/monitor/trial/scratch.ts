import { sys } from '../../kernel/call.ts';
import { AT, O } from '../../kernel/constants.ts';
import { makeDirectories, openFile, type Fd } from '../../kernel/files.ts';
import { removeTree } from '../../kernel/remove-tree.ts';

let count = 0;

/** A directory for one test, removed with its scope. */
export class Scratch {
  readonly path = `/tmp/corten-monitor-${sys('getpid')}-${count++}`;
  readonly directory: Fd;

  constructor() {
    makeDirectories(this.path, 0o700);
    this.directory = openFile(this.path, O.RDONLY | O.DIRECTORY);
  }

  [Symbol.dispose](): void {
    this.directory.close();
    removeTree(AT.FDCWD, this.path);
  }
}
