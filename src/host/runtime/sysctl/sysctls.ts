type SysctlModule = typeof import('./sysctl.chunk.ts');

/** Parses and writes kernel parameters; read where a container has any. */
export function sysctlModule(): SysctlModule {
  return load('runtime/sysctl/sysctl.chunk.js') as SysctlModule;
}
