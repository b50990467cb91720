// What src/pure and src/host tests use of node:test, for the native host.

export interface RegisteredTest {
  readonly name: string;
  readonly body: () => void;
}

/** The tests of the one bundle that this process runs. */
export const registered: RegisteredTest[] = [];

export function test(name: string, body: () => void): void {
  registered.push({ name, body });
}
