import type { SaveForm, SaveRequest } from '../../pure/config/save-request.ts';
import { attempt } from '../kernel/call.ts';
import { becomeNodeProgram, type NodeCall } from './become-node-program.ts';
import { engineError } from './errors.ts';
import { canonicalPath } from './node/trusted.ts';
import { makeDirectory } from './transfer/make-directory.ts';
import { OutputFile } from './transfer/output-file.ts';
import type { Roots } from './roots.ts';
import { runNodeProgram } from './run-node-program.ts';

export interface Saving {
  readonly images: readonly string[];
  readonly form: SaveForm;
  /** A file or, for the forms that are one, a directory; standard output if undefined. */
  readonly path: string | undefined;
  /** The name within an OCI layout. */
  readonly name: string | undefined;
  readonly isUncompressed: boolean;
}

/** Writes images as others read them; what fails leaves nothing behind. The exit code of what did it. */
export function saveImages(roots: Roots, saving: Saving): number {
  const { path, form } = saving;
  if (form === 'oci-dir' || form === 'docker-dir') return saveDirectory(roots, saving);
  const call = callFor(saving);
  if (path === undefined) return becomeNodeProgram(roots, call, environ());
  using file = OutputFile.open(path);
  const code = runNodeProgram(roots, call, file.number);
  if (code === 0) file.finish();
  else file.discard();
  return code;
}

function saveDirectory(roots: Roots, saving: Saving): number {
  const { path } = saving;
  if (path === undefined) {
    throw engineError('ENGINE_OUTPUT', `The form ${saving.form} is a directory: name it by -o`);
  }
  const made = makeDirectory(path);
  const directory = canonicalPath(path) ?? path;
  const code = runNodeProgram(roots, { ...callFor(saving, directory), writable: [directory] });
  // Only what is empty goes.
  if (code !== 0 && made) attempt('rmdir', path);
  return code;
}

function callFor(saving: Saving, directory?: string): NodeCall {
  const { images, form, name, isUncompressed } = saving;
  const request: SaveRequest = {
    images,
    form,
    isUncompressed,
    ...(directory === undefined ? {} : { directory }),
    ...(name === undefined ? {} : { name }),
  };
  return { words: ['save'], hasNetwork: false, hasEvents: true, readable: [], request };
}
