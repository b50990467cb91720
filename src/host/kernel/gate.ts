export type Argument = NativeArgument;
export type Syscall = (nr: number, ...args: Argument[]) => number;

/** Enters the kernel, which on x86-64 has each call of numbers.ts. */
export const gate: Syscall = syscall;
