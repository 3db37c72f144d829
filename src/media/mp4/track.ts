import { LimitError, ProtocolError } from '../../base/index.ts'
import { type Box, decodeType, readFullBox, readUint64, requireDescendant } from './box.ts'
import { type Mp4Edits, parseEditList } from './edit-list.ts'
import {
  type Mp4SampleDescription,
  type Mp4SampleEntry,
  parseSampleDescriptions,
} from './sample-description.ts'
import { SampleTable } from './sample-table.ts'

/** What can be played of a track. */
export type Mp4Media = Readonly<{
  /** What is in it. */
  kind: 'audio' | 'video'
  /** Ticks a second of the track's times. */
  timescale: number
  /** As the file says, in ticks; 0 if it does not know. */
  durationTicks: number
  /** Which parts of it are presented, and when. */
  edits: Mp4Edits
  /** The ways in which its samples are coded, the first of which can be played. */
  entries: readonly Mp4SampleEntry[]
  /** Of the first entry. */
  description: Mp4SampleDescription
  /** Its samples outside of fragments. */
  table: SampleTable
}>

/** A track of a movie: ISO/IEC 14496-12, 8.3. */
export type Mp4Track = Readonly<{
  /** track_ID; 0 if it can't be read. */
  id: number
  /** What is in it: 'vide', 'soun', 'text' ...; '????' if it can't be read. */
  handler: string
  /** Null if it can't be played. */
  media: Mp4Media | null
  /** Why it can't be played; empty if it can. */
  problem: string
}>

const KINDS: Readonly<Record<string, 'audio' | 'video'>> = { vide: 'video', soun: 'audio' }

/**
 * Reads a track. What is wrong with it is kept, for others may be played without it.
 * @param trak kept
 * @throws LimitError as `SampleTable` does
 */
export function parseTrack(trak: Box, movieTimescale: number): Mp4Track {
  let id = 0
  let handler = '????'
  try {
    id = readFullBox(requireDescendant(trak, 'tkhd'), ({ version, reader }) => {
      reader.skip(version === 1 ? 16 : 8) // creation_time, modification_time
      return reader.readUint32()
    })
    handler = readFullBox(requireDescendant(trak, 'mdia', 'hdlr'), ({ reader }) => {
      reader.skip(4) // pre_defined
      return decodeType(reader.readBytes(4))
    })
    const kind = KINDS[handler]
    if (kind === undefined) {
      throw new ProtocolError('it is neither audio nor video')
    }
    return { id, handler, media: parseMedia(trak, kind, movieTimescale), problem: '' }
  } catch (error) {
    if (!(error instanceof ProtocolError) || error instanceof LimitError) {
      throw error
    }
    return { id, handler, media: null, problem: error.message }
  }
}

function parseMedia(trak: Box, kind: 'audio' | 'video', movieTimescale: number): Mp4Media {
  const mdia = requireDescendant(trak, 'mdia')
  const { timescale, durationTicks } = readFullBox(requireDescendant(mdia, 'mdhd'), ({ version, reader }) => {
    reader.skip(version === 1 ? 16 : 8) // creation_time, modification_time
    const timescale = reader.readUint32()
    return {
      timescale,
      durationTicks: readDuration(version === 1 ? readUint64(reader) : reader.readUint32()),
    }
  })
  if (timescale === 0) {
    throw new ProtocolError('its timescale is 0')
  }
  const stbl = requireDescendant(mdia, 'minf', 'stbl')
  const entries = parseSampleDescriptions(requireDescendant(stbl, 'stsd'), kind)
  const description = entries[0]?.description ?? null
  if (description === null) {
    throw new ProtocolError(entries[0]?.problem ?? 'it does not say how it is coded')
  }
  return {
    kind,
    timescale,
    durationTicks,
    edits: parseEditList(trak, movieTimescale),
    entries,
    description,
    table: new SampleTable(stbl),
  }
}

/** All ones are for what is not known. */
function readDuration(ticks: number): number {
  return ticks === 0xffffffff ? 0 : ticks
}
