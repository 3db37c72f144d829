import { nextTurn } from '../base/index.ts'

/** Slices that are handed to the system in one turn of the event loop: 256 KiB, which it copies in a small part of a millisecond. */
const SLICES_AT_ONCE = 8

const NOTHING = new Uint8Array()

/** What a body is written to: a response by either version of HTTP. */
export type BodyWriter = Readonly<{
  /** Writes some of it; the callback says when the system has taken that, or why it has not. */
  write: (chunk: Uint8Array, callback?: (error?: Error | null) => void) => boolean
  /** Writes the last of it; the callback says that the system has taken all. */
  end: (chunk: Uint8Array, callback: () => void) => unknown
  /** As of events. */
  on: (event: 'error', listener: (error: Error) => void) => unknown
}>

/**
 * Writes a body and its end: a long one some slices in a turn of the event loop, as the client takes them.
 * @param slices not to be changed before `onSent` is called
 * @param onSent called when the system has taken all; perhaps not if the client leaves before
 */
export async function sendSlices(
  response: BodyWriter,
  slices: readonly Uint8Array[],
  onSent: () => void,
): Promise<void> {
  // A client that leaves in the midst of it misses the rest: nothing else comes of that.
  response.on('error', () => {})
  let begin = 0
  for (; slices.length - begin > SLICES_AT_ONCE; begin += SLICES_AT_ONCE) {
    await written(response, slices.slice(begin, begin + SLICES_AT_ONCE))
    await nextTurn()
  }
  for (const slice of slices.slice(begin, -1)) {
    response.write(slice)
  }
  response.end(slices.at(-1) ?? NOTHING, onSent)
}

/** Resolves when the system has taken some slices, which is never if the client leaves. */
function written(response: BodyWriter, slices: readonly Uint8Array[]): Promise<void> {
  return new Promise((resolve) => {
    let left = slices.length
    for (const slice of slices) {
      response.write(slice, (error) => {
        left -= error === null || error === undefined ? 1 : 0
        if (left === 0) {
          resolve()
        }
      })
    }
  })
}
