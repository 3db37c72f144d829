import { ms } from '../base/index.ts'
import type { Codec } from '../media/index.ts'
import type { Frame } from './frame.ts'

/** Numbers of a frame: timestamp, compositionOffset, nanosecondOffset, trackId, what it is, its body's buffer, offset and length. */
const COLUMNS = 8

/** Room for so many frames at first. */
const INITIAL_FRAMES = 32

/** Room for more than so many frames is let go when they are. */
const MAX_KEPT_FRAMES = 4096

const IS_VIDEO = 1
const IS_KEYFRAME = 2
const CODEC_SHIFT = 2

/** Codecs that have come, by their place; the same for all. */
const codecs: Codec[] = []

/**
 * Audio and video that is kept, as numbers: V8's collector would have to look after each object that lives for seconds, move it twice,
 * and find it dead later among all others. Sequence headers, descriptions and data don't fit.
 */
export class PackedFrames {
  #numbers = new Float64Array(INITIAL_FRAMES * COLUMNS)
  #length = 0
  /** What bodies are in, in the order of the frames. */
  #buffers: ArrayBufferLike[] = []

  /** How many there are. */
  get length(): number {
    return this.#length
  }

  /** What the body of the oldest one is in; null if there is none. */
  get oldestBuffer(): ArrayBufferLike | null {
    return this.#buffers[0] ?? null
  }

  /** All, oldest first: new objects each time. */
  get list(): Frame[] {
    return Array.from({ length: this.#length }, (_, index) => this.#at(index))
  }

  /** Adds a frame at the end; its body is kept as it is. */
  push(frame: Frame): void {
    const { kind, timestamp, compositionOffset, nanosecondOffset, trackId, codec, keyframe, body } = frame
    if (this.#buffers.at(-1) !== body.buffer) {
      this.#buffers.push(body.buffer)
    }
    let at = this.#length * COLUMNS
    if (at === this.#numbers.length) {
      this.#grow()
    }
    const numbers = this.#numbers
    const what = (kind === 'video' ? IS_VIDEO : 0) | (keyframe ? IS_KEYFRAME : 0)
    numbers[at++] = timestamp
    numbers[at++] = compositionOffset
    numbers[at++] = nanosecondOffset
    numbers[at++] = trackId
    numbers[at++] = what | (placeOf(codec) << CODEC_SHIFT)
    numbers[at++] = this.#buffers.length - 1
    numbers[at++] = body.byteOffset
    numbers[at++] = body.length
    this.#length++
  }

  /** Lets go of all. */
  clear(): void {
    this.#length = 0
    this.#buffers = []
    if (this.#numbers.length > MAX_KEPT_FRAMES * COLUMNS) {
      this.#numbers = new Float64Array(INITIAL_FRAMES * COLUMNS)
    }
  }

  #at(index: number): Frame {
    const [
      timestamp = 0,
      compositionOffset = 0,
      nanosecondOffset = 0,
      trackId = 0,
      what = 0,
      buffer = 0,
      offset,
      length,
    ] = this.#numbers.subarray(index * COLUMNS, (index + 1) * COLUMNS)
    return {
      kind: (what & IS_VIDEO) === 0 ? 'audio' : 'video',
      timestamp: ms(timestamp),
      compositionOffset: ms(compositionOffset),
      codec: codecs[what >> CODEC_SHIFT] ?? 'unknown',
      trackId,
      keyframe: (what & IS_KEYFRAME) !== 0,
      sequenceHeader: false,
      description: false,
      nanosecondOffset,
      body: new Uint8Array(this.#buffers[buffer] ?? NOTHING, offset, length),
    }
  }

  #grow(): void {
    const numbers = new Float64Array(this.#numbers.length * 2)
    numbers.set(this.#numbers)
    this.#numbers = numbers
  }
}

const NOTHING = new ArrayBuffer(0)

function placeOf(codec: Codec): number {
  const known = codecs.indexOf(codec)
  return known < 0 ? codecs.push(codec) - 1 : known
}
