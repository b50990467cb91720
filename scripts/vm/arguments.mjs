import { SetupProblem } from '../setup/checkout.mjs';
import { KERNEL_NAMES } from './kernels.mjs';

const CGROUPS = ['v2', 'v1', 'hybrid'];
const ACCELERATORS = ['tcg', 'kvm'];

const FLAGS = {
  '--kernel': ['kernel', toKernel],
  '--cgroups': ['cgroups', oneOf(CGROUPS)],
  '--accelerator': ['accelerator', oneOf(ACCELERATORS)],
  '--memory': ['memory', toCount],
  '--processors': ['processors', toCount],
  '--disk': ['disk', toCount],
  '--limit': ['limit', toCount],
};

const DEFAULTS = { kernel: 'debian', cgroups: 'v2', memory: 2048, processors: 2, disk: 4, limit: 1800 };

/** Flags up to the first word that is none; what follows is the command. */
export function parseArguments(args) {
  const flags = { ...DEFAULTS, refresh: false };
  let at = 0;
  for (; at < args.length && args[at].startsWith('--'); at++) {
    if (args[at] === '--') return { flags, command: args.slice(at + 1) };
    if (args[at] === '--refresh') flags.refresh = true;
    else {
      const [name, inline] = args[at].split(/=(.*)/s, 2);
      const [key, parse] = FLAGS[name] ?? unknown(name);
      flags[key] = parse(inline ?? args[++at], name);
    }
  }
  return { flags, command: args.slice(at) };
}

function unknown(name) {
  throw new SetupProblem(
    `There is no flag ${name}: known are ${Object.keys(FLAGS).join(', ')} and --refresh`,
  );
}

function oneOf(choices) {
  return (text, name) => {
    if (choices.includes(text)) return text;
    throw new SetupProblem(`The flag ${name} wants one of ${choices.join(', ')}`);
  };
}

function toKernel(text, name) {
  if (KERNEL_NAMES.includes(text) || /^linux-image-[a-z0-9.+-]+$/.test(text ?? '')) return text;
  throw new SetupProblem(
    `The flag ${name} wants ${KERNEL_NAMES.join(', ')} or a package linux-image-VERSION`,
  );
}

function toCount(text, name) {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new SetupProblem(`The flag ${name} wants a number from 1`);
}
