import type { RangeReader } from '../../src/media/index.ts'

/** Gives a reader what it asks for out of a file in memory. */
export function readRanges<T>(reader: RangeReader<T>, file: Uint8Array): T {
  return readRangesOf(reader, (offset, length) => file.slice(offset, offset + length))
}

/** The same of a file that is only described: `read` gives fresh bytes. */
export function readRangesOf<T>(
  reader: RangeReader<T>,
  read: (offset: number, length: number) => Uint8Array,
): T {
  let step = reader.next()
  while (step.done !== true) {
    step = reader.next(read(step.value.offset, step.value.length))
  }
  return step.value
}
