import { type Box, findChild, readFullBox, readInt32, readUint64 } from './box.ts'

/** Which part of a track is presented, and when: ISO/IEC 14496-12, 8.6.6. */
export type Mp4Edit = Readonly<{
  /** Where the presentation begins in the track's own time, in its timescale: behind the priming of AAC, for one. */
  startTicks: number
  /** How long it takes, in seconds; null: to the end. */
  durationSeconds: number | null
  /** How much later than the movie the track begins, in seconds. */
  delaySeconds: number
  /** There is more to the edit list (cuts, other speeds), which is not followed: the track is played on to its end. */
  simplified: boolean
}>

const WHOLE_TRACK: Mp4Edit = { startTicks: 0, durationSeconds: null, delaySeconds: 0, simplified: false }

/** An empty edit: nothing is presented. */
const EMPTY = -1
const NORMAL_RATE = 0x10000

/**
 * Reads a track's edit list: empty edits, then one of media. Of others the first counts.
 * @param movieTimescale of the durations, ticks a second
 * @throws ProtocolError if it is cut short
 */
export function parseEditList(trak: Box, movieTimescale: number): Mp4Edit {
  const edts = findChild(trak, 'edts')
  const elst = edts === null ? null : findChild(edts, 'elst')
  if (elst === null) {
    return WHOLE_TRACK
  }
  return readFullBox(elst, ({ version, reader }) => {
    const count = reader.readUint32()
    let delaySeconds = 0
    for (let index = 0; index < count; index++) {
      const duration = version === 1 ? readUint64(reader) : reader.readUint32()
      const mediaTime = version === 1 ? readInt64(readInt32(reader), reader.readUint32()) : readInt32(reader)
      const seconds = duration / movieTimescale
      const rate = reader.readUint32()
      if (mediaTime !== EMPTY) {
        const simplified = index + 1 < count || rate !== NORMAL_RATE
        return {
          startTicks: Math.max(mediaTime, 0),
          // 0: all there is, as of a movie whose fragments are yet to come.
          durationSeconds: simplified || seconds === 0 ? null : seconds,
          delaySeconds,
          simplified,
        }
      }
      delaySeconds += seconds
    }
    return WHOLE_TRACK
  })
}

function readInt64(high: number, low: number): number {
  return high * 0x100000000 + low
}
