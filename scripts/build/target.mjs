import { execFileSync } from 'node:child_process';

/**
 * The target to build for: musl is half the size and starts faster; glibc, linked statically, is the fall-back
 * where rustup has no musl target or the machine no musl-gcc.
 */
export function cargoTarget(env) {
  const cpu = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const musl = `${cpu}-unknown-linux-musl`;
  if (succeeds('musl-gcc', ['--version'], env) && hasTarget(musl, env)) return { target: musl, flags: '' };
  return { target: `${cpu}-unknown-linux-gnu`, flags: '-C target-feature=+crt-static' };
}

function hasTarget(target, env) {
  try {
    const folder = execFileSync('rustc', ['--print', 'target-libdir', '--target', target], { env, encoding: 'utf8' });
    return succeeds('test', ['-d', folder.trim()], env);
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
