import type { Process } from '../../pure/spec/runtime.ts';
import { inDocument, parseText, readDocument } from './parse/document.ts';
import { parseProcess } from './parse/process.ts';

/** Reads and parses the document of `exec --process`: the field process of a config.json alone. */
export function readProcess(path: string): Process {
  const text = readDocument(path, 'RUNTIME_PROCESS_UNREADABLE', false);
  return inDocument(path, () => parseProcess(parseText(text), 'process'));
}
