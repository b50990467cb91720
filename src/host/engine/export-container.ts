import type { Places } from '../monitor/places.ts';
import { exportContainer } from './container-changes.ts';
import { recordEvent } from './record-event.ts';
import type { Roots } from './roots.ts';
import { OutputFile } from './transfer/output-file.ts';

const STANDARD_OUTPUT = 1;

/** Writes all files of a container as a tar to a file, which gets its name when it is whole, or to standard output. */
export function exportToFile(roots: Roots, places: Places, path: string | undefined): void {
  if (path === undefined) {
    exportContainer(roots, places, STANDARD_OUTPUT);
    return recordEvent(places, 'export');
  }
  using output = OutputFile.open(path);
  try {
    exportContainer(roots, places, output.number);
  } catch (error) {
    output.discard();
    throw error;
  }
  output.finish();
  recordEvent(places, 'export');
}
