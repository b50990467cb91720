// The part of Node's test API that src/pure and src/host tests may use: those tests also run inside the host,
// which offers just this. With it the two worlds need no Node types, so production code can't see any.

declare module 'node:test' {
  export function test(name: string, body: () => void): void;
}

declare module 'node:assert/strict' {
  type Expected = RegExp | ((error: unknown) => boolean) | Readonly<Record<string, unknown>>;

  interface Assert {
    equal<T>(actual: unknown, expected: T, message?: string): asserts actual is T;
    notEqual(actual: unknown, expected: unknown, message?: string): void;
    deepEqual<T>(actual: unknown, expected: T, message?: string): asserts actual is T;
    ok(value: unknown, message?: string): asserts value;
    throws(body: () => unknown, expected?: Expected, message?: string): void;
    match(text: string, pattern: RegExp, message?: string): void;
    fail(message?: string): never;
  }

  const assert: Assert;
  export default assert;
}
