/**
 * The record of a tar beside the EROFS file that was made of it: all bytes of the tar that are no file's content, and
 * where the content comes between. Blocks of segments, each compressed by zstd with its length before it.
 */

/** Bytes of the tar itself. */
export const RAW = 0;
/** The path of the file that the next content is of. */
export const PATH = 1;
/** Content: an offset and a length, 8 bytes each. */
export const CONTENT = 2;

/** A segment's kind and the length of what follows. */
export const HEAD = 5;
/** Bytes of segments before a block is written. */
export const BLOCK = 1 << 20;
/** The largest block that a reader takes: one segment may go beyond BLOCK. */
export const MAX_BLOCK = 8 << 20;
/** Bytes of raw content that one segment has at most. */
export const MAX_RAW = 64 << 10;
