// What the native host gives as globals; see native/src/natives.rs, native/src/engine.rs and native/src/sqlite.rs.

type NativeBytes =
  | ArrayBuffer
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Int32Array
  | BigInt64Array
  | BigUint64Array;
type NativeArgument = number | bigint | boolean | string | NativeBytes | null | undefined;

/** The command line, argv[0] first; bytes that are not UTF-8 arrive as U+FFFD. */
declare const argv: readonly string[];
/** The kernel's own result, -errno on failure. Strings pass as C strings, buffers as pointers, null as 0. */
declare function syscall(nr: number, ...args: NativeArgument[]): number;
/** Address of a buffer's bytes, which do not move while the buffer lives. */
declare function addr(buffer: NativeBytes): number;
/** Decodes UTF-8; what is not valid becomes U+FFFD. */
declare function utf8(buffer: NativeBytes, start?: number, end?: number): string;
/** UTF-8 with a NUL at the end. */
declare function bytes(text: string): Uint8Array<ArrayBuffer>;
declare function indexOf(buffer: NativeBytes, byte: number, start?: number, end?: number): number;
/** memmove; the end of what was written in `to`. */
declare function copy(to: NativeBytes, at: number, from: NativeBytes, start?: number, end?: number): number;
/** Collects reference cycles. */
declare function gc(): void;
/** Bytes allocated since start after which a collection runs by itself; -1 for never. */
declare function gcThreshold(bytes: number): void;
/** For a process that stays: gives the heap's spare pages back; later ones come one by one. */
declare function trim(): void;
declare function environ(): string[];
/** The namespace of an embedded chunk, read and evaluated now unless the ready heap has it. */
declare function load(chunk: string): Record<string, unknown>;
/** The JSON text of an embedded source map. */
declare function sourceMap(chunk: string): string | undefined;
/** The program that becomes a container's payload (native/stub.rs), an ELF file. */
declare function stub(): Uint8Array;
/** Names of all embedded chunks. */
declare function chunks(): string[];
/** A connection's number. `flags` are sqlite3_open_v2's. Throws an Error with SQLite's own words. */
declare function sqliteOpen(path: string, flags: number): number;
declare function sqliteQuery(
  connection: number,
  sql: string,
  params: readonly (string | number | bigint | Uint8Array | null)[],
): (string | number | bigint | Uint8Array | null)[][];
declare function sqliteClose(connection: number): void;

/** The revision that the build was made of, `unknown` outside a repository; scripts/build/bundles.mjs puts it in. */
declare const BUILD_COMMIT: string;
