// What most processes without a seccomp filter never need.

export { Confinement, stubWithBirth } from './confinement.ts';
