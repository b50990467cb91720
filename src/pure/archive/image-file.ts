/** A file that an image is written to and read from: positioned input and output without any path. */
export interface ImageFile {
  /** Writes all the bytes; they are borrowed and may change after the call. What is skipped reads as zeros. */
  pwrite(bytes: Uint8Array, position: number): void;
  /** Fills as much of the bytes as the file has from the position on and returns how many those are. */
  pread(bytes: Uint8Array, position: number): number;
}
