import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's root. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export function inCheckout(...parts) {
  return join(ROOT, ...parts);
}

/** What set-up can't do by itself, with the way out. Only an essential one stops the set-up. */
export class SetupProblem extends Error {
  constructor(sentence, { essential = true } = {}) {
    super(sentence);
    this.name = 'SetupProblem';
    this.essential = essential;
  }
}

/** Runs a command in the checkout with our own output; true if it ended with 0. */
export function runs(command, args, env = process.env) {
  return spawnSync(command, args, { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
}

/** A command's standard output, or undefined when it can't be run or fails. */
export function outputOf(command, args, env = process.env) {
  const done = spawnSync(command, args, {
    cwd: ROOT,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return done.status === 0 ? done.stdout : undefined;
}

export function isRoot() {
  return process.getuid?.() === 0;
}
