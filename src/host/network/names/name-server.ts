import { attempt, sys } from '../../kernel/call.ts';
import { O, SIGNAL } from '../../kernel/constants.ts';
import { readTextIfThere, type Fd } from '../../kernel/files.ts';
import { leaveCgroups } from '../../kernel/leave-cgroups.ts';
import { cStrings, exit, exitCode, fork, openProcess, waitFor } from '../../kernel/process.ts';
import { unblockAllSignals } from '../../kernel/signals.ts';
import { namesFolder } from '../records/places.ts';
import type { NetworkRecord, NetworkRoots } from '../types.ts';
import { findNameServer } from './find-program.ts';
import { hasNames, PID_FILE, readServerPid, writeNames } from './name-files.ts';
import { awaitAnswer } from './ask-name.ts';

const PORT = '53';
const SIG_IGN = 1n;
const LAST_FD = 0xffffffff;

/**
 * Has the name server know who is in the networks. It is one process for all networks below the roots, starts with
 * the first container that can be found by name, and ends by itself after the last. The caller holds the lock.
 */
export function updateNames(roots: NetworkRoots, records: readonly NetworkRecord[]): void {
  const isChanged = records.filter((record) => record.hasNames).map((record) => writeNames(roots, record));
  if (!isChanged.includes(true)) return;
  using server = openServer(roots);
  if (server !== undefined) attempt('pidfd_send_signal', server.number, SIGNAL.HUP, null, 0);
  else if (hasNames(roots)) startServer(roots);
}

/**
 * Addresses of the name servers of networks, for a container that is in them: those that answer. A server that has
 * just been told of a container may need a moment.
 */
export function nameServersOf(records: readonly NetworkRecord[], name: string): readonly string[] {
  if (findNameServer() === undefined) return [];
  const named = records.filter((record) => record.hasNames);
  // Whoever is reached from outside first: a resolver asks the next one only if it gets no answer.
  const ordered = named.toSorted((a, b) => Number(a.isInternal) - Number(b.isInternal));
  return ordered
    .map(({ subnets }) => subnets[0]?.gateway ?? '')
    .filter((gateway) => gateway !== '' && awaitAnswer(gateway, name));
}

/** What a server that was killed has left. One that lives is about to end, and does it itself. */
export function removeNames(roots: NetworkRoots): void {
  using server = openServer(roots);
  if (server === undefined) attempt('unlink', `${namesFolder(roots)}/${PID_FILE}`);
  attempt('rmdir', namesFolder(roots));
}

/** Ours and no other process that has got its number. */
function openServer(roots: NetworkRoots): Fd | undefined {
  const pid = readServerPid(roots);
  const server = pid > 0 ? openProcess(pid) : undefined;
  if (server === undefined) return undefined;
  const words = (readTextIfThere(`/proc/${pid}/cmdline`) ?? '').split('\0');
  if (words.includes(namesFolder(roots))) return server;
  server.close();
  return undefined;
}

/** It forks itself away from us, and its first process ends once it has. */
function startServer(roots: NetworkRoots): void {
  const program = findNameServer();
  if (program === undefined) return;
  const pid = fork();
  if (pid === 0) {
    try {
      become(program, roots);
    } finally {
      exit(127);
    }
  }
  if (exitCode(waitFor(pid)) !== 0) attempt('unlink', `${namesFolder(roots)}/${PID_FILE}`);
}

/** The signal by which it reads its files anew may come before it listens for it: ignored so far, it does no harm. */
function become(program: string, roots: NetworkRoots): void {
  leaveCgroups();
  const nothing = sys('open', '/dev/null', O.RDWR | O.CLOEXEC);
  for (const stream of [0, 1, 2]) sys('dup3', nothing, stream, 0);
  attempt('close_range', 3, LAST_FD, 0);
  sys('rt_sigaction', SIGNAL.HUP, new BigUint64Array([SIG_IGN, 0n, 0n, 0n]), null, 8);
  unblockAllSignals();
  const args = cStrings([program, '--config', namesFolder(roots), '-p', PORT, 'run']);
  attempt('execve', program, args.pointers, cStrings([]).pointers);
}
