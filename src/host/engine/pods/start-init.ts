import { attempt } from '../../kernel/call.ts';
import { CLONE, O, PR, SIGNAL } from '../../kernel/constants.ts';
import { openFile, type Fd } from '../../kernel/files.ts';
import { cStrings, exit, fork } from '../../kernel/process.ts';
import { initProgram } from '../files/init-program.ts';

const NAME = 'corten-init';
const LAST_FD = 0xffffffff;

export interface PodInit {
  readonly pid: number;
  readonly namespace: Fd;
}

/**
 * The first process of a pid namespace for a pod's containers: it reaps what they leave. It is the small init of --init,
 * so that containers find nothing of this program in /proc, and it ends with the caller.
 */
export function startInit(): PodInit {
  const program = initProgram();
  const pid = fork({ flags: CLONE.NEWPID });
  if (pid === 0) {
    attempt('prctl', PR.SET_PDEATHSIG, SIGNAL.KILL, 0, 0, 0);
    attempt('close_range', 3, LAST_FD, 0);
    const args = cStrings([NAME]);
    attempt('execve', program, args.pointers, cStrings([]).pointers);
    exit(127);
  }
  return { pid, namespace: openFile(`/proc/${pid}/ns/pid`, O.RDONLY) };
}
