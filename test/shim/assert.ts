// What src/pure and src/host tests use of node:assert/strict, for the native host.

class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

function fail(message?: string): never {
  throw new AssertionError(message ?? 'Failed');
}

function ok(value: unknown, message?: string): asserts value {
  if (!value) fail(message ?? `${show(value)} is not truthy`);
}

function equal(actual: unknown, expected: unknown, message?: string): void {
  if (!Object.is(actual, expected)) fail(message ?? `${show(actual)} is not ${show(expected)}`);
}

function notEqual(actual: unknown, expected: unknown, message?: string): void {
  if (Object.is(actual, expected)) fail(message ?? `Both are ${show(actual)}`);
}

function deepEqual(actual: unknown, expected: unknown, message?: string): void {
  const place = difference(actual, expected, '');
  if (place === undefined) return;
  fail(message ?? `Differs at ${place === '' ? 'the top' : place}: ${show(actual)} is not ${show(expected)}`);
}

function match(text: string, pattern: RegExp, message?: string): void {
  if (!pattern.test(text)) fail(message ?? `${show(text)} does not match ${pattern}`);
}

type Expected = RegExp | ((error: never) => unknown) | object;

function throws(body: () => unknown, expected?: Expected | string, message?: string): void {
  let thrown: unknown;
  try {
    body();
  } catch (error) {
    thrown = error;
    if (expected === undefined || typeof expected === 'string') return;
    check(thrown, expected, message);
    return;
  }
  fail(message ?? 'Nothing was thrown');
}

function check(thrown: unknown, expected: Expected, message: string | undefined): void {
  if (expected instanceof RegExp) return match(String(thrown), expected, message);
  if (typeof expected === 'function') {
    const constructor = expected as unknown as { prototype?: unknown };
    if (constructor.prototype instanceof Error || (expected as unknown) === Error) {
      return ok(
        thrown instanceof (expected as unknown as typeof Error),
        message ?? `${String(thrown)} is of another class`,
      );
    }
    return ok(
      (expected as (error: unknown) => unknown)(thrown),
      message ?? `${String(thrown)} is not as expected`,
    );
  }
  for (const [key, value] of Object.entries(expected)) {
    const actual = (thrown as Record<string, unknown>)[key];
    if (value instanceof RegExp) match(String(actual), value, message);
    else deepEqual(actual, value, message);
  }
}

/** Where two values differ, as a path; undefined where they don't. */
function difference(a: unknown, b: unknown, path: string): string | undefined {
  if (Object.is(a, b)) return undefined;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return path;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return path;
  if (a instanceof Map && b instanceof Map) return difference([...a], [...b], `${path}<map>`);
  if (a instanceof Set && b instanceof Set) return difference([...a], [...b], `${path}<set>`);
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return path;
  for (const key of keys) {
    if (!Object.hasOwn(b, key)) return `${path}.${key}`;
    const inner = difference(
      (a as Record<string, unknown>)[key],
      (b as Record<string, unknown>)[key],
      `${path}.${key}`,
    );
    if (inner !== undefined) return inner;
  }
  return undefined;
}

function show(value: unknown): string {
  const text = JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? `${item}n` : item));
  return text === undefined ? String(value) : text.slice(0, 2000);
}

const assert = Object.assign(ok, { deepEqual, equal, fail, match, notEqual, ok, throws });
export default assert;
