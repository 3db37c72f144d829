import { type Box, findChild, readFullBox, readInt32, readUint64 } from './box.ts'
import { MAX_MP4_EDITS } from './limits.ts'

/** A part of a track that is presented, and when: ISO/IEC 14496-12, 8.6.6. */
export type Mp4Edit = Readonly<{
  /** Where it begins in the track's own time, in its timescale: behind the priming of AAC, for one. */
  startTicks: number
  /** How long it takes, in seconds; null: to the end. */
  durationSeconds: number | null
  /** When it is presented: so long after the movie's beginning, in seconds. */
  delaySeconds: number
}>

/** What of a track is presented. */
export type Mp4Edits = Readonly<{
  /** The parts, in the order in which they are presented; one at least. */
  parts: readonly Mp4Edit[]
  /** The list can't be followed (other speeds, too many edits): the track is played from its first edit on, to its end. */
  simplified: boolean
}>

const WHOLE_TRACK: Mp4Edits = {
  parts: [{ startTicks: 0, durationSeconds: null, delaySeconds: 0 }],
  simplified: false,
}

/** An empty edit: nothing is presented. */
const EMPTY = -1
const NORMAL_RATE = 0x10000

/**
 * Reads a track's edit list: empty edits, and edits of media.
 * @param movieTimescale of the durations, ticks a second
 * @throws ProtocolError if it is cut short
 */
export function parseEditList(trak: Box, movieTimescale: number): Mp4Edits {
  const edts = findChild(trak, 'edts')
  const elst = edts === null ? null : findChild(edts, 'elst')
  if (elst === null) {
    return WHOLE_TRACK
  }
  return readFullBox(elst, ({ version, reader }) => {
    const count = reader.readUint32()
    const parts: Mp4Edit[] = []
    let delaySeconds = 0
    let simplified = false
    for (let index = 0; index < count && !simplified; index++) {
      const duration = version === 1 ? readUint64(reader) : reader.readUint32()
      const mediaTime = version === 1 ? readInt64(readInt32(reader), reader.readUint32()) : readInt32(reader)
      const seconds = duration / movieTimescale
      const rate = reader.readUint32()
      // Of one without a duration there is nothing; or, at the end, all there is, as of a movie whose fragments are yet to come.
      if (mediaTime !== EMPTY && (seconds > 0 || index + 1 === count)) {
        simplified = rate !== NORMAL_RATE || parts.length === MAX_MP4_EDITS
        const durationSeconds = seconds === 0 ? null : seconds
        parts.push({ startTicks: Math.max(mediaTime, 0), durationSeconds, delaySeconds })
      }
      delaySeconds += seconds
    }
    const [first] = parts
    if (first === undefined) {
      return WHOLE_TRACK
    }
    return simplified ? { parts: [{ ...first, durationSeconds: null }], simplified } : { parts, simplified }
  })
}

function readInt64(high: number, low: number): number {
  return high * 0x100000000 + low
}
