// npm run vm -- [FLAG...] [--] COMMAND...: runs a command in a VM with a kernel of Debian's and this machine's files,
// or a shell without one. docs/vm.md has the flags.

import { SetupProblem, isRoot } from './setup/checkout.mjs';
import { debianPackages } from './setup/debian-packages.mjs';
import { accelerator } from './vm/accelerator.mjs';
import { boot } from './vm/boot.mjs';
import { parseArguments } from './vm/arguments.mjs';
import { kernelNamed } from './vm/kernels.mjs';
import { runScript } from './vm/run-script.mjs';

const FAILED = 125;

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetupProblem)) throw error;
  console.error(`vm: ${error.message}.`);
  process.exitCode = FAILED;
}

async function main(args) {
  const { command, flags } = parseArguments(args);
  if (!isRoot()) throw new SetupProblem('The VM shows all files of this machine, so it needs root');
  const packages = debianPackages('vm');
  if (!packages.isCurrent()) packages.work();
  const kernel = kernelNamed(flags.kernel, { isFresh: flags.refresh });
  const settings = {
    cgroups: flags.cgroups,
    memory: flags.memory,
    processors: flags.processors,
    disk: flags.disk,
  };
  const terminal = command.length === 0 ? ownTerminal() : undefined;
  return boot({
    ...settings,
    kernel,
    accelerator: flags.accelerator ?? (await accelerator(kernel, settings)),
    script: runScript(command.length === 0 ? ['sh', '-i'] : command, kernel.version),
    limit: flags.limit,
    terminal,
    stdio: [process.stdin.isTTY && terminal === undefined ? 'ignore' : 'inherit', 'inherit', 'inherit'],
  });
}

function ownTerminal() {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new SetupProblem('Without a command there must be a terminal, for a shell: name a command');
  }
  return { rows: process.stdout.rows || 24, columns: process.stdout.columns || 80 };
}
