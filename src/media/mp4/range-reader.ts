/** Bytes of a file that a reader needs. */
export type ByteRange = Readonly<{
  /** Of the first byte, from the file's beginning. */
  offset: number
  /** How many. */
  length: number
}>

/**
 * Reads a file without touching it: yields the bytes it needs, is given them (fewer than it asked for only where the file ends; they
 * are the reader's to keep), and returns what it read.
 */
export type RangeReader<T> = Generator<ByteRange, T, Uint8Array>
