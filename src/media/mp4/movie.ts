import { LimitError, ProtocolError } from '../../base/index.ts'
import {
  type Box,
  childrenOf,
  decodeBoxHeader,
  findChild,
  MAX_BOX_HEADER_BYTES,
  MIN_BOX_HEADER_BYTES,
  readFullBox,
  requireDescendant,
} from './box.ts'
import { type FragmentDefaults, parseTrackExtends } from './fragment.ts'
import { MAX_MP4_BOXES_BEFORE_MOVIE, MAX_MP4_MOVIE_BYTES, MAX_MP4_TRACKS } from './limits.ts'
import type { RangeReader } from './range-reader.ts'
import { type Mp4Track, parseTrack } from './track.ts'

/** What the movie box of a file says. */
export type Mp4Movie = Readonly<{
  /** Its tracks, also those that can't be played, in the file's order. */
  tracks: readonly Mp4Track[]
  /** Bytes of the file. */
  fileBytes: number
  /** Where to look for movie fragments; null if there are none. */
  fragmentsOffset: number | null
  /** By the track's id, what is so in every fragment that does not say otherwise. */
  fragmentDefaults: ReadonlyMap<number, FragmentDefaults>
}>

/** Types that a file begins with: ISO/IEC 14496-12, 4.3 and 6.2; QuickTime, which has no 'ftyp' at first. */
const FIRST_TYPES = ['ftyp', 'styp', 'moov', 'moof', 'mdat', 'free', 'skip', 'wide', 'pnot', 'sidx', 'uuid']

/** Whether these first 8 bytes are those of an MP4 or QuickTime file. */
export function looksLikeMp4(start: Uint8Array): boolean {
  return FIRST_TYPES.includes(String.fromCharCode(...start.subarray(4, 8)))
}

/**
 * Finds and reads the movie box, in front of the media or behind it.
 * @returns holds on to the bytes of the movie box that it was given
 * @throws ProtocolError if there is none, it is cut short or can't be read
 * @throws LimitError if it is longer than `MAX_MP4_MOVIE_BYTES`, or behind more than `MAX_MP4_BOXES_BEFORE_MOVIE` others
 */
export function* readMovie(fileBytes: number): RangeReader<Mp4Movie> {
  let offset = 0
  for (let count = 0; fileBytes - offset >= MIN_BOX_HEADER_BYTES; count++) {
    if (count === MAX_MP4_BOXES_BEFORE_MOVIE) {
      throw new LimitError('MAX_MP4_BOXES_BEFORE_MOVIE', MAX_MP4_BOXES_BEFORE_MOVIE, count + 1)
    }
    const { type, headerBytes, size } = yield* readTopLevelHeader(offset, fileBytes)
    if (type === 'moof') {
      throw new ProtocolError(
        `a fragment at byte ${offset} comes before any 'moov': its beginning, the initialization segment, is missing`,
      )
    }
    if (offset + size > fileBytes) {
      throw new ProtocolError(
        `box '${type}' at byte ${offset} says that it has ${size} bytes, and the file ends at byte ${fileBytes}: it is cut short`,
      )
    }
    if (type === 'moov') {
      const payload = yield* readPayload('moov', offset + headerBytes, size - headerBytes)
      return parseMovie({ type, offset, payloadOffset: offset + headerBytes, payload }, fileBytes)
    }
    offset += size
  }
  throw new ProtocolError(
    `there is no 'moov' in ${fileBytes} bytes: it was not recorded to its end, or is cut short`,
  )
}

/** The header of a box of the file itself. @throws ProtocolError if it is cut short */
export function* readTopLevelHeader(
  offset: number,
  fileBytes: number,
): RangeReader<ReturnType<typeof decodeBoxHeader>> {
  const bytes = yield { offset, length: Math.min(MAX_BOX_HEADER_BYTES, fileBytes - offset) }
  return decodeBoxHeader(bytes, 0, fileBytes - offset, offset)
}

function* readPayload(type: string, offset: number, length: number): RangeReader<Uint8Array> {
  if (length > MAX_MP4_MOVIE_BYTES) {
    throw new LimitError('MAX_MP4_MOVIE_BYTES', MAX_MP4_MOVIE_BYTES, length)
  }
  const payload = yield { offset, length }
  if (payload.length < length) {
    throw new ProtocolError(`'${type}' ends at byte ${offset + payload.length} of ${offset + length}`)
  }
  return payload
}

function parseMovie(moov: Box, fileBytes: number): Mp4Movie {
  const movieTimescale = readFullBox(requireDescendant(moov, 'mvhd'), ({ version, reader }) => {
    reader.skip(version === 1 ? 16 : 8) // creation_time, modification_time
    return Math.max(reader.readUint32(), 1)
  })
  const tracks: Mp4Track[] = []
  for (const box of childrenOf(moov)) {
    if (box.type === 'trak') {
      if (tracks.length === MAX_MP4_TRACKS) {
        throw new LimitError('MAX_MP4_TRACKS', MAX_MP4_TRACKS, MAX_MP4_TRACKS + 1)
      }
      tracks.push(parseTrack(box, movieTimescale))
    }
  }
  const mvex = findChild(moov, 'mvex')
  return {
    tracks,
    fileBytes,
    fragmentsOffset: mvex === null ? null : moov.payloadOffset + moov.payload.length,
    fragmentDefaults: mvex === null ? new Map() : parseTrackExtends(mvex),
  }
}
