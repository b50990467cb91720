import type { Places } from '../places.ts';

/** Where a runtime that isn't our own keeps its state: beside that of ours, by the program's name. */
export function runtimeStateRoot({ runtimeRoot }: Places, program: string): string {
  const parent = runtimeRoot.slice(0, runtimeRoot.lastIndexOf('/'));
  return `${parent}/runtime-${program.slice(program.lastIndexOf('/') + 1)}`;
}
