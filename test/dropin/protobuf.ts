// The wire format of Protocol Buffers (encoding.md), as far as a test of the CRI needs it.

/** A field's number and value; a list of fields is a message. Numbers that are negative don't occur. */
export type Field = readonly [number: number, value: string | number | boolean | readonly Field[]];

const VARINT = 0;
const BYTES = 2;

export function encodeMessage(fields: readonly Field[]): Buffer {
  return Buffer.concat(fields.flatMap(([number, value]) => encodeField(number, value)));
}

function encodeField(number: number, value: Field[1]): readonly Buffer[] {
  if (typeof value === 'number' || typeof value === 'boolean') {
    return [varint((number << 3) | VARINT), varint(Number(value))];
  }
  const content = typeof value === 'string' ? Buffer.from(value) : encodeMessage(value);
  return [varint((number << 3) | BYTES), varint(content.length), content];
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
}

/** What a message holds: the last value of each field. */
export class Message {
  readonly #numbers = new Map<number, number>();
  readonly #contents = new Map<number, Buffer>();

  constructor(content: Buffer) {
    for (let at = 0; at < content.length;) {
      const [key, afterKey] = readVarint(content, at);
      const [value, afterValue] = readVarint(content, afterKey);
      if ((key & 7) === VARINT) this.#numbers.set(key >> 3, value);
      else if ((key & 7) === BYTES)
        this.#contents.set(key >> 3, content.subarray(afterValue, afterValue + value));
      else throw new Error(`Wire type ${key & 7}`);
      at = (key & 7) === BYTES ? afterValue + value : afterValue;
    }
  }

  text(number: number): string {
    return String(this.#contents.get(number) ?? '');
  }

  number(number: number): number {
    return this.#numbers.get(number) ?? 0;
  }

  message(number: number): Message {
    return new Message(this.#contents.get(number) ?? Buffer.alloc(0));
  }
}

function readVarint(content: Buffer, from: number): readonly [number, number] {
  let value = 0n;
  for (let at = from; ; at++) {
    const byte = content[at] ?? 0;
    value |= BigInt(byte & 0x7f) << BigInt(7 * (at - from));
    if (byte < 0x80) return [Number(value), at + 1];
  }
}
