import assert from 'node:assert/strict';

/** What the kernel shows a filter (struct seccomp_data). */
export interface Call {
  /** AUDIT_ARCH_ value. */
  readonly architecture: number;
  readonly number: number;
  /** Six, of 64 bits. */
  readonly args: readonly bigint[];
  /** The same as the filter reads it. */
  readonly data: DataView;
}

/** The action that a filter has for a call, and how many instructions it took. */
export interface Answer {
  readonly action: number;
  readonly steps: number;
}

export function toCall(architecture: number, number: number, args: readonly bigint[]): Call {
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, number, true);
  data.setUint32(4, architecture, true);
  args.forEach((value, index) => data.setBigUint64(16 + 8 * index, value, true));
  return { architecture, number, args, data };
}

/** Runs classic BPF as the kernel does, and fails where the kernel would refuse the program. */
export function interpret(program: Uint8Array, data: DataView): Answer {
  const code = new DataView(program.buffer, program.byteOffset, program.byteLength);
  const count = program.length / 8;
  let accumulator = 0;
  for (let at = 0, steps = 1; at < count; at++, steps++) {
    const operation = code.getUint16(8 * at, true);
    const value = code.getUint32(8 * at + 4, true);
    const jump = (isTaken: boolean): number => code.getUint8(8 * at + (isTaken ? 2 : 3));
    switch (operation) {
      case 0x20:
        assert.ok(value % 4 === 0 && value < 64, `a load from ${value}`);
        accumulator = data.getUint32(value, true);
        break;
      case 0x54:
        accumulator = (accumulator & value) >>> 0;
        break;
      case 0x05:
        at += value;
        break;
      case 0x15:
        at += jump(accumulator === value);
        break;
      case 0x25:
        at += jump(accumulator > value);
        break;
      case 0x35:
        at += jump(accumulator >= value);
        break;
      case 0x06:
        return { action: value, steps };
      default:
        assert.fail(`an instruction ${operation.toString(16)}`);
    }
  }
  return assert.fail('the program runs over its end');
}

/** Each instruction is known and jumps within the program, whose last one returns (bpf_check_classic). */
export function assertValid(program: Uint8Array): void {
  const code = new DataView(program.buffer, program.byteOffset, program.byteLength);
  const count = program.length / 8;
  assert.ok(count > 0 && count <= 4096, `${count} instructions`);
  for (let at = 0; at < count; at++) {
    const operation = code.getUint16(8 * at, true);
    const jumps =
      operation === 0x05
        ? [code.getUint32(8 * at + 4, true)]
        : [0x15, 0x25, 0x35].includes(operation)
          ? [code.getUint8(8 * at + 2), code.getUint8(8 * at + 3)]
          : [];
    for (const jump of jumps) assert.ok(at + 1 + jump < count, `instruction ${at} jumps over the end`);
  }
  assert.equal(code.getUint16(8 * (count - 1), true), 0x06, 'the last instruction returns');
}
