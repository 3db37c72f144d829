import type { Frame } from '../frame.ts'
import type { SegmentWriter } from '../segment-writer.ts'
import type { PreludeContext, WireFormat } from '../wire-format.ts'

/**
 * Frames as words that can be read in an assertion: `K40` a keyframe, `v80` another picture, `a23` audio, `V0` and `A0`
 * sequence headers, `m0` metadata; a body larger than usual is padded to its size with dots. A prelude is `[first@40 VA]`
 * or `[again@40 VA]`, with the frames it has.
 */
export class LetterFormat implements WireFormat {
  readonly key: string
  preludes = 0

  constructor(key: string = 'letters') {
    this.key = key
  }

  prelude({ state, timestamp, first }: PreludeContext): Uint8Array {
    this.preludes++
    const frames = [state.metadata, state.videoSequenceHeader, state.audioSequenceHeader]
    const letters = frames.map((each) => (each === null ? '' : letterOf(each)))
    return Buffer.from(`[${first ? 'first' : 'again'}@${timestamp} ${letters.join('')}] `)
  }

  carries(): boolean {
    return true
  }

  append(frame: Frame, segment: SegmentWriter): void {
    const text = wordOf(frame)
    segment.reserve(text.length).set(Buffer.from(text))
  }
}

const PADDED_FROM_BYTES = 100

/** What a player gets of a frame. */
export function wordOf(frame: Frame): string {
  const word = `${letterOf(frame)}${frame.timestamp}`
  const padded = frame.body.length >= PADDED_FROM_BYTES ? word.padEnd(frame.body.length, '.') : word
  return `${padded} `
}

function letterOf(frame: Frame): string {
  if (frame.kind === 'data') {
    return 'm'
  }
  if (frame.kind === 'audio') {
    return frame.sequenceHeader ? 'A' : 'a'
  }
  return frame.sequenceHeader ? 'V' : frame.keyframe ? 'K' : 'v'
}
