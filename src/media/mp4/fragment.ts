import { LimitError, ProtocolError } from '../../base/index.ts'
import type { ByteReader } from '../../bytes/index.ts'
import { type Box, childrenOf, findChild, readFullBox, readInt32, readUint64 } from './box.ts'
import { MAX_MP4_FRAGMENT_SAMPLES } from './limits.ts'
import type { RawSample } from './sample-table.ts'

/** What a track's fragments are like unless they say otherwise: ISO/IEC 14496-12, 8.8.3. */
export type FragmentDefaults = Readonly<{
  /** Index of the sample description, from 0. */
  description: number
  /** Of a sample, in the track's timescale. */
  durationTicks: number
  /** Bytes of a sample. */
  size: number
  /** Sample flags: 8.8.3.1. */
  flags: number
}>

/** What a fragment has of one track. */
export type TrackFragment = Readonly<{
  /** Its samples, in decode order. */
  samples: readonly RawSample[]
  /** Decode time of what follows, in ticks. */
  endTicks: number
}>

const NO_DEFAULTS: FragmentDefaults = { description: 0, durationTicks: 0, size: 0, flags: 0 }

/** sample_is_non_sync_sample */
const NON_SYNC = 0x10000

const TFHD = {
  baseOffset: 0x01,
  description: 0x02,
  duration: 0x08,
  size: 0x10,
  flags: 0x20,
  baseIsMoof: 0x20000,
}
const TRUN = {
  offset: 0x01,
  firstFlags: 0x04,
  duration: 0x100,
  size: 0x200,
  flags: 0x400,
  composition: 0x800,
}

/** Reads the defaults of fragments, by track id. @throws ProtocolError if they are cut short */
export function parseTrackExtends(mvex: Box): Map<number, FragmentDefaults> {
  const defaults = new Map<number, FragmentDefaults>()
  for (const trex of childrenOf(mvex)) {
    if (trex.type === 'trex') {
      readFullBox(trex, ({ reader }) => {
        const id = reader.readUint32()
        const description = Math.max(reader.readUint32() - 1, 0)
        const durationTicks = reader.readUint32()
        defaults.set(id, {
          description,
          durationTicks,
          size: reader.readUint32(),
          flags: reader.readUint32(),
        })
      })
    }
  }
  return defaults
}

/**
 * Reads what a movie fragment has of one track: ISO/IEC 14496-12, 8.8.
 * @param moof read in place
 * @param nextTicks where the track stands, for fragments that don't say when they begin
 * @throws ProtocolError if it can't be read
 * @throws LimitError if it has more than `MAX_MP4_FRAGMENT_SAMPLES` of the track, or of all others
 */
export function parseFragment(
  moof: Box,
  trackId: number,
  defaults: ReadonlyMap<number, FragmentDefaults>,
  nextTicks: number,
): TrackFragment {
  const samples: RawSample[] = []
  const passedOver: RawSample[] = []
  let endTicks = nextTicks
  // Where a track's data begin that does not say so: behind those of the track before.
  let dataOffset = moof.offset
  for (const traf of childrenOf(moof)) {
    if (traf.type === 'traf') {
      const header = parseTrackFragmentHeader(traf, moof.offset, dataOffset, defaults)
      const isWanted = header.trackId === trackId
      const run = { ...header, decodeTicks: isWanted ? (parseDecodeTime(traf) ?? endTicks) : 0 }
      const end = parseRuns(traf, run, isWanted ? samples : passedOver)
      dataOffset = end.dataOffset
      endTicks = isWanted ? end.decodeTicks : endTicks
    }
  }
  return { samples, endTicks }
}

type TrackFragmentHeader = FragmentDefaults & Readonly<{ trackId: number; baseOffset: number }>
type RunPosition = Readonly<{ decodeTicks: number; dataOffset: number }>

function parseTrackFragmentHeader(
  traf: Box,
  moofOffset: number,
  dataOffset: number,
  defaults: ReadonlyMap<number, FragmentDefaults>,
): TrackFragmentHeader {
  const tfhd = findChild(traf, 'tfhd')
  if (tfhd === null) {
    throw new ProtocolError(`box 'traf' at byte ${traf.offset} has no 'tfhd'`)
  }
  return readFullBox(tfhd, ({ flags, reader }) => {
    const trackId = reader.readUint32()
    const always = defaults.get(trackId) ?? NO_DEFAULTS
    const optional = (flag: number, otherwise: number): number =>
      (flags & flag) === 0 ? otherwise : reader.readUint32()
    const implicitOffset = (flags & TFHD.baseIsMoof) === 0 ? dataOffset : moofOffset
    return {
      trackId,
      baseOffset: (flags & TFHD.baseOffset) === 0 ? implicitOffset : readUint64(reader),
      description: Math.max(optional(TFHD.description, always.description + 1) - 1, 0),
      durationTicks: optional(TFHD.duration, always.durationTicks),
      size: optional(TFHD.size, always.size),
      flags: optional(TFHD.flags, always.flags),
    }
  })
}

function parseDecodeTime(traf: Box): number | null {
  const tfdt = findChild(traf, 'tfdt')
  return tfdt === null
    ? null
    : readFullBox(tfdt, ({ version, reader }) => (version === 1 ? readUint64(reader) : reader.readUint32()))
}

function parseRuns(
  traf: Box,
  track: TrackFragmentHeader & Readonly<{ decodeTicks: number }>,
  samples: RawSample[],
): RunPosition {
  let position: RunPosition = { decodeTicks: track.decodeTicks, dataOffset: track.baseOffset }
  for (const trun of childrenOf(traf)) {
    if (trun.type === 'trun') {
      position = parseRun(trun, track, position, samples)
    }
  }
  return position
}

function parseRun(
  trun: Box,
  track: TrackFragmentHeader,
  start: RunPosition,
  samples: RawSample[],
): RunPosition {
  return readFullBox(trun, ({ flags, reader }) => {
    const count = reader.readUint32()
    if (samples.length + count > MAX_MP4_FRAGMENT_SAMPLES) {
      throw new LimitError('MAX_MP4_FRAGMENT_SAMPLES', MAX_MP4_FRAGMENT_SAMPLES, samples.length + count)
    }
    let { decodeTicks, dataOffset } = start
    if ((flags & TRUN.offset) !== 0) {
      dataOffset = track.baseOffset + readInt32(reader)
    }
    const firstFlags = (flags & TRUN.firstFlags) === 0 ? null : reader.readUint32()
    for (let index = 0; index < count; index++) {
      const sample = parseRunSample(reader, flags, track)
      const sampleFlags = index === 0 && firstFlags !== null ? firstFlags : sample.flags
      samples.push({
        offset: dataOffset,
        size: sample.size,
        decodeTicks,
        durationTicks: sample.durationTicks,
        compositionTicks: sample.compositionTicks,
        sync: (sampleFlags & NON_SYNC) === 0,
        description: track.description,
      })
      decodeTicks += sample.durationTicks
      dataOffset += sample.size
    }
    return { decodeTicks, dataOffset }
  })
}

function parseRunSample(
  reader: ByteReader,
  present: number,
  defaults: FragmentDefaults,
): { durationTicks: number; size: number; flags: number; compositionTicks: number } {
  return {
    durationTicks: (present & TRUN.duration) === 0 ? defaults.durationTicks : reader.readUint32(),
    size: (present & TRUN.size) === 0 ? defaults.size : reader.readUint32(),
    flags: (present & TRUN.flags) === 0 ? defaults.flags : reader.readUint32(),
    compositionTicks: (present & TRUN.composition) === 0 ? 0 : readInt32(reader),
  }
}
