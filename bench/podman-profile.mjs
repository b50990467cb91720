// The profile that podman gives a container, from the rules of Debian's package golang-github-containers-common.
import { existsSync, readFileSync } from 'node:fs';

const RULES = '/usr/share/containers/seccomp.json';
const ARCHITECTURE = { x64: 'amd64', arm64: 'arm64' }[process.arch];
/** Of podman's default_capabilities. */
const CAPABILITIES = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_NET_BIND_SERVICE',
  'CAP_SETFCAP',
  'CAP_SETGID',
  'CAP_SETPCAP',
  'CAP_SETUID',
  'CAP_SYS_CHROOT',
];

export function hasPodmanProfile() {
  return existsSync(RULES);
}

/** linux.seccomp as podman writes it for a container with its default capabilities. */
export function podmanProfile() {
  return profileFrom(JSON.parse(readFileSync(RULES, 'utf8')), CAPABILITIES);
}

/** What an engine makes of its rules: those whose conditions hold, without the conditions. */
export function profileFrom({ defaultAction, defaultErrnoRet, archMap = [], syscalls }, capabilities) {
  const isOurs = ({ architecture }) =>
    architecture === { amd64: 'SCMP_ARCH_X86_64', arm64: 'SCMP_ARCH_AARCH64' }[ARCHITECTURE];
  const architectures = archMap
    .filter(isOurs)
    .flatMap(({ architecture, subArchitectures = [] }) => [architecture, ...subArchitectures]);
  const rules = syscalls
    .filter((rule) => holds(rule, capabilities))
    .map(({ names, action, args, errnoRet }) => ({
      names,
      action,
      ...(args?.length > 0 ? { args } : {}),
      ...(errnoRet === undefined ? {} : { errnoRet }),
    }));
  return {
    defaultAction,
    ...(defaultErrnoRet === undefined ? {} : { defaultErrnoRet }),
    architectures,
    syscalls: rules,
  };
}

function holds({ includes = {}, excludes = {} }, capabilities) {
  const has = (capability) => capabilities.includes(capability);
  if (includes.arches !== undefined && !includes.arches.includes(ARCHITECTURE)) return false;
  if (excludes.arches?.includes(ARCHITECTURE)) return false;
  return (includes.caps ?? []).every(has) && !(excludes.caps ?? []).some(has);
}
