/** Bytes of a file that a reader needs. */
export type ByteRange = Readonly<{
  /** Of the first byte, from the file's beginning. */
  offset: number
  /** How many; 0 for a pause. */
  length: number
}>

/** Asks for nothing: there is much to look at, and others may have their turn. */
export const PAUSE: ByteRange = { offset: 0, length: 0 }

/**
 * Reads a file without touching it: yields the bytes it needs, is given them (fewer than it asked for only where the file ends; they
 * are the reader's to keep), and returns what it read.
 */
export type RangeReader<T> = Generator<ByteRange, T, Uint8Array>
