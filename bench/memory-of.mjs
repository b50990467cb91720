import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { memoryOf } from './processes.mjs';

const EVERY_MS = 10;

/** Runs a command; the most proportional memory, in MiB, that it, its descendants and `others` had at one moment. */
export async function peakMemory([program, ...args], others = []) {
  const child = spawn(program, args, { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let peak = 0;
  let isRunning = true;
  void ended.then(() => {
    isRunning = false;
  });
  while (isRunning) {
    const pids = [child.pid, ...others].flatMap((pid) => withDescendants(pid));
    peak = Math.max(
      peak,
      pids.reduce((sum, pid) => sum + pssOf(pid), 0),
    );
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, EVERY_MS))]);
  }
  return peak / 1024;
}

function withDescendants(root) {
  const children = new Map();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const parent = parentOf(pid);
    children.set(parent, [...(children.get(parent) ?? []), Number(pid)]);
  }
  const found = [root];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found;
}

function parentOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return -1;
  }
}

function pssOf(pid) {
  try {
    return memoryOf(pid).Pss;
  } catch {
    return 0;
  }
}
