import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { OWN_MACHINE } from './machine.mjs';

/** Relocations of a position-independent program in 3 KB instead of 100, all of which each start reads. */
const RELATIVE = ['-z', 'pack-relative-relocs'];
/** rustc knows how to make a position-independent program without a loader on x86-64 alone. */
const OWN_START = { x86_64: [], aarch64: ['-C', 'link-self-contained=no'] };
const CROSS_COMPILER = 'linux-gnu-gcc';

/**
 * The target to build for: musl is half the size and starts faster; glibc, linked statically, is the fall-back
 * where rustup has no musl target or the machine no musl-gcc.
 */
export function cargoTarget(env, machine = OWN_MACHINE) {
  const musl = `${machine}-unknown-linux-musl`;
  const isCross = machine !== OWN_MACHINE;
  if (isCross || (succeeds('musl-gcc', ['--version'], env) && hasTarget(musl, env))) {
    const words = machine === 'aarch64' ? [...RELATIVE, ...staticPie(musl, env)] : RELATIVE;
    return { target: musl, flags: [...flagsFor(machine, words), ...OWN_START[machine]] };
  }
  return { target: `${machine}-unknown-linux-gnu`, flags: ['-C', 'target-feature=+crt-static'] };
}

/** Flags of rustc for a machine that hand words to its linker: the C compiler here, Rust's own for other machines. */
function flagsFor(machine, words) {
  const isOwn = machine === OWN_MACHINE;
  const link = isOwn ? [`-Wl,${words.join(',')}`] : words;
  return [...(isOwn ? [] : ['-C', 'linker=rust-lld']), ...link.flatMap((word) => ['-C', `link-arg=${word}`])];
}

/** Arguments of rustc for a program without any library, of which nothing lies further apart in memory than in the file. */
export function freeTarget(machine) {
  const words = ['--build-id=none', '-n', '--eh-frame-hdr'];
  if (machine !== OWN_MACHINE) {
    const target = ['--target', `${machine}-unknown-linux-musl`, '-C', 'link-self-contained=no'];
    return [...target, ...flagsFor(machine, words)];
  }
  const own = ['-nostdlib', '-nostartfiles', '-static', '-no-pie'];
  return [...own.flatMap((word) => ['-C', `link-arg=${word}`]), ...flagsFor(machine, words)];
}

/** What the C of crates is compiled by, with these headers of musl. */
export function crossCompiler(machine, headers) {
  const compiler = `${machine}-${CROSS_COMPILER}`;
  const own = execFileSync(compiler, ['-print-file-name=include'], { encoding: 'utf8' }).trim();
  const target = `${machine}_unknown_linux_musl`;
  return {
    [`CC_${target}`]: compiler,
    [`AR_${target}`]: `${machine}-linux-gnu-ar`,
    [`CFLAGS_${target}`]: `-nostdinc -isystem ${headers} -isystem ${own}`,
  };
}

/** Words for a linker: such a program, with the start of musl that moves it to where it lies. */
function staticPie(target, env) {
  const folder = join(libraries(target, env), 'self-contained');
  const start = ['rcrt1.o', 'crti.o', 'crtn.o'].map((name) => join(folder, name));
  return ['-static', '-pie', '--no-dynamic-linker', '-z', 'text', '-L', folder, ...start];
}

function libraries(target, env) {
  return execFileSync('rustc', ['--print', 'target-libdir', '--target', target], { env, encoding: 'utf8' }).trim();
}

function hasTarget(target, env) {
  try {
    return succeeds('test', ['-d', libraries(target, env)], env);
  } catch {
    return false;
  }
}

function succeeds(command, args, env) {
  try {
    execFileSync(command, args, { stdio: 'ignore', env });
    return true;
  } catch {
    return false;
  }
}
