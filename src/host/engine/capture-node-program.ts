import { sys } from '../kernel/call.ts';
import { readAll } from '../kernel/files.ts';
import type { NodeCall } from './become-node-program.ts';
import { memoryInput } from './node/memory-input.ts';
import type { Roots } from './roots.ts';
import { runNodeProgram } from './run-node-program.ts';

/** Bytes of an answer. */
const LIMIT = 256 << 20;

/** Runs the Node program, and gives what it prints; undefined if it failed, which it has told. */
export function captureNodeProgram(roots: Roots, call: NodeCall): string | undefined {
  using output = memoryInput('');
  if (runNodeProgram(roots, call, output.number) !== 0) return undefined;
  sys('lseek', output.number, 0, 0);
  const content = readAll(output.number, LIMIT);
  return utf8(content, 0, content.length);
}
