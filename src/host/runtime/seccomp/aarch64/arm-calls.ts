import { AARCH64, ARM } from '../arm.chunk.ts';

export function armCalls(): typeof import('../arm.chunk.ts') {
  return { AARCH64, ARM };
}
