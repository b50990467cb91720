import type { Json, JsonObject } from './json.ts';

/** Tells what is wrong with a field of a document: `field` in its own spelling, `what` as "is not a string". */
export type FieldFault = (field: string, what: string) => Error;

/**
 * Reads typed fields of JSON from strangers: own properties only, absent and null alike, each fault naming the
 * field by its path in the document.
 */
export class JsonFields {
  readonly #object: JsonObject;
  readonly #path: string;
  readonly #fault: FieldFault;

  constructor(value: Json | undefined, path: string, fault: FieldFault) {
    if (!isObject(value)) throw fault(path, 'is not an object');
    this.#object = value;
    this.#path = path;
    this.#fault = fault;
  }

  /** The keys of the object itself. */
  names(): readonly string[] {
    return Object.keys(this.#object);
  }

  has(key: string): boolean {
    return this.#own(key) !== undefined;
  }

  string(key: string): string | undefined {
    const value = this.#own(key);
    return value === undefined ? undefined : this.#text(value, this.#name(key));
  }

  requiredString(key: string): string {
    return this.string(key) ?? this.#throw(key, 'is missing');
  }

  isList(key: string): boolean {
    return Array.isArray(this.#own(key));
  }

  /** A list whose items are texts or lists of texts; a text counts as a list of one. */
  lists(key: string): readonly (readonly string[])[] {
    return this.#list(key).map((item, index) => {
      const name = `${this.#name(key)}[${index}]`;
      return Array.isArray(item)
        ? item.map((text: Json) => this.#text(text, name))
        : [this.#text(item, name)];
    });
  }

  /** A switch, off where it is absent. */
  isTrue(key: string): boolean {
    const value = this.#own(key) ?? false;
    if (typeof value !== 'boolean') this.#throw(key, 'is not true or false');
    return value === true;
  }

  /** A size or version: 0 to 2^53 - 1. */
  requiredCount(key: string): number {
    const value = this.#own(key);
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    return this.#throw(key, value === undefined ? 'is missing' : 'is not a whole number from 0 to 2^53 - 1');
  }

  /** As requiredCount(), 0 where it is absent. */
  count(key: string): number {
    return this.#own(key) === undefined ? 0 : this.requiredCount(key);
  }

  strings(key: string): readonly string[] {
    return this.#list(key).map((item, index) => this.#text(item, `${this.#name(key)}[${index}]`));
  }

  object(key: string): JsonFields | undefined {
    const value = this.#own(key);
    return value === undefined ? undefined : new JsonFields(value, this.#name(key), this.#fault);
  }

  requiredObject(key: string): JsonFields {
    return this.object(key) ?? this.#throw(key, 'is missing');
  }

  objects(key: string): readonly JsonFields[] {
    return this.#list(key).map(
      (item, index) => new JsonFields(item, `${this.#name(key)}[${index}]`, this.#fault),
    );
  }

  /** An object whose values are strings. */
  stringMap(key: string): ReadonlyMap<string, string> {
    const map = new Map<string, string>();
    const value = this.#own(key);
    if (value === undefined) return map;
    if (!isObject(value)) this.#throw(key, 'is not an object');
    for (const [name, text] of Object.entries(value)) {
      map.set(name, this.#text(text, `${this.#name(key)}[${JSON.stringify(name)}]`));
    }
    return map;
  }

  /** The keys of an object that is used as a set. */
  keys(key: string): readonly string[] {
    const value = this.#own(key);
    if (value === undefined) return [];
    if (!isObject(value)) this.#throw(key, 'is not an object');
    return Object.keys(value);
  }

  fault(key: string, what: string): Error {
    return this.#fault(this.#name(key), what);
  }

  #list(key: string): readonly Json[] {
    const value = this.#own(key);
    if (value === undefined) return [];
    return Array.isArray(value) ? value : this.#throw(key, 'is not an array');
  }

  #own(key: string): Json | undefined {
    return Object.hasOwn(this.#object, key) ? (this.#object[key] ?? undefined) : undefined;
  }

  #text(value: Json | undefined, name: string): string {
    if (typeof value !== 'string') throw this.#fault(name, 'is not a string');
    // JSON can write it, and no argument, path or name can have it.
    if (value.includes('\0')) throw this.#fault(name, 'has a NUL character');
    return value;
  }

  #name(key: string): string {
    return this.#path === '' ? key : `${this.#path}.${key}`;
  }

  #throw(key: string, what: string): never {
    throw this.fault(key, what);
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
