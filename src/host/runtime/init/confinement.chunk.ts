// What a process without a seccomp filter never needs.

export { Confinement } from './confinement.ts';
