import { sys } from '../kernel/call.ts';
import { PR } from '../kernel/constants.ts';
import { exit, exitCode, fork, waitFor } from '../kernel/process.ts';
import { becomeNodeProgram, type NodeCall } from './become-node-program.ts';
import { findNodeProgram } from './node/find-node.ts';
import type { Roots } from './roots.ts';

const SIGTERM = 15;
const FAILED = 125;
const STANDARD_ERROR = 2;

/**
 * Runs the Node program beside this process, and waits for it; what it prints goes to `output`, standard
 * error unless given. Its exit code; that there is no Node is thrown here, before anything runs.
 */
export function runNodeProgram(roots: Roots, call: NodeCall, output = STANDARD_ERROR): number {
  findNodeProgram(environ());
  const pid = fork();
  if (pid !== 0) return exitCode(waitFor(pid));
  return becomeChild(roots, call, output);
}

/** In the child: nothing it throws may reach the parent's frames. */
function becomeChild(roots: Roots, call: NodeCall, output: number): never {
  try {
    // It ends with whoever waits for it.
    sys('prctl', PR.SET_PDEATHSIG, SIGTERM, 0, 0, 0);
    if (output !== 1) sys('dup3', output, 1, 0);
    becomeNodeProgram(roots, call, environ());
  } finally {
    exit(FAILED);
  }
}
