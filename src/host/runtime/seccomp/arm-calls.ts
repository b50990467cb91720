/** What few profiles on x86-64 name is read when one does. */
export function armCalls(): typeof import('./arm.chunk.ts') {
  return load('runtime/seccomp/arm.chunk.js') as typeof import('./arm.chunk.ts');
}
