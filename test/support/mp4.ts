import { ByteWriter } from '../../src/bytes/index.ts'

/** Bytes of a part of a box. */
export type Part = Uint8Array | readonly number[]

/** A box of ISO/IEC 14496-12. */
export function box(type: string, ...parts: readonly Part[]): Uint8Array {
  const payload = Buffer.concat(parts.map((part) => Uint8Array.from(part)))
  return Buffer.concat([uint32(8 + payload.length), Buffer.from(type, 'latin1'), payload])
}

/** A full box: with version and flags. */
export function fullBox(type: string, version: number, flags: number, ...parts: readonly Part[]): Uint8Array {
  return box(type, uint32(version * 0x1000000 + flags), ...parts)
}

/** Numbers of 32 bits, signed or not. */
export function uint32(...values: readonly number[]): Uint8Array {
  const writer = new ByteWriter(values.length * 4)
  for (const value of values) {
    writer.writeUint32(value >>> 0)
  }
  return writer.bytes()
}

/** Numbers of 64 bits that are not negative. */
export function uint64(...values: readonly number[]): Uint8Array {
  return uint32(...values.flatMap((value) => [Math.floor(value / 0x100000000), value % 0x100000000]))
}

/** A sample to write. */
export type PlainSample = Readonly<{
  payload: Part
  /** Ticks. Default: 1. */
  duration?: number
  /** Ticks. Default: 0. */
  composition?: number
  /** Default: false for video, true for audio. */
  sync?: boolean
}>

/** A track to write. */
export type PlainTrack = Readonly<{
  id: number
  handler: string
  timescale?: number
  /** What is in 'stsd', entries. */
  entries: readonly Uint8Array[]
  samples: readonly PlainSample[]
  /** Samples in a chunk. Default: 2. */
  perChunk?: number
  /** Boxes within 'edts'. */
  edits?: readonly Uint8Array[]
  /** How tables are written: default 32-bit offsets and sizes. */
  wide?: boolean
  compactSizeBits?: 4 | 8 | 16
  /** Of 'mdhd' and 'tkhd'. */
  version?: 0 | 1
  /** Takes the place of boxes in 'stbl' of the same type; null leaves one out. */
  tables?: Readonly<Record<string, Uint8Array | null>>
}>

const AVC_RECORD = Buffer.from('0142c00dffe100046742c00d01000468ce3c80', 'hex')

/** A sample entry of H.264, 160x90. */
export const AVC_ENTRY: Uint8Array = videoEntry('avc1', box('avcC', AVC_RECORD))

/** AudioSpecificConfig: AAC-LC, 44.1 kHz, stereo. */
export const AAC_CONFIG: readonly number[] = [0x12, 0x10]

/** A sample entry of AAC. */
export const AAC_ENTRY: Uint8Array = audioEntry('mp4a', esds(0x40, AAC_CONFIG))

/** A visual sample entry of 160x90 with these boxes. */
export function videoEntry(format: string, ...boxes: readonly Uint8Array[]): Uint8Array {
  const size = [0, 160, 0, 90]
  return box(format, new Uint8Array(24), size, new Uint8Array(50), ...boxes)
}

/** An audio sample entry of 44.1 kHz and two channels with these boxes. */
export function audioEntry(format: string, ...boxes: readonly Uint8Array[]): Uint8Array {
  return box(format, new Uint8Array(16), [0, 2, 0, 16, 0, 0, 0, 0], uint32(44_100 * 0x10000), ...boxes)
}

/** An "esds" box as FFmpeg writes it: lengths of four bytes. */
export function esds(objectType: number, config: readonly number[]): Uint8Array {
  const descriptor = (tag: number, ...parts: readonly Part[]): Uint8Array => {
    const payload = Buffer.concat(parts.map((part) => Uint8Array.from(part)))
    return Buffer.concat(
      [[tag, 0x80, 0x80, 0x80, payload.length].map(Number), payload].map((part) => Buffer.from(part)),
    )
  }
  const info = config.length === 0 ? [] : descriptor(5, config)
  const decoder = descriptor(4, [objectType, 0x15, 0, 0, 0], uint32(0, 0), info)
  return fullBox('esds', 0, 0, descriptor(3, [0, 1, 0], decoder, descriptor(6, [2])))
}

/** A movie box, and the media that its tables point at. */
export type PlainMovie = Readonly<{ moov: Uint8Array; media: Uint8Array }>

/**
 * Writes a movie of a timescale of 1000.
 * @param mediaOffset where the media will begin in the file
 * @param extra boxes at the end of 'moov'
 */
export function encodeMovie(
  tracks: readonly PlainTrack[],
  mediaOffset: number,
  ...extra: readonly Uint8Array[]
): PlainMovie {
  const media: Uint8Array[] = []
  let offset = mediaOffset
  const traks = tracks.map((track) => {
    const chunkOffsets: number[] = []
    for (const [index, { payload }] of track.samples.entries()) {
      if (index % (track.perChunk ?? 2) === 0) {
        chunkOffsets.push(offset)
      }
      media.push(Uint8Array.from(payload))
      offset += payload.length
    }
    return encodeTrack(track, chunkOffsets)
  })
  const mvhd = fullBox('mvhd', 0, 0, uint32(0, 0, 1000, 0), new Uint8Array(80))
  return { moov: box('moov', mvhd, ...traks, ...extra), media: Buffer.concat(media) }
}

/** A whole file: its tables in front of the media. */
export function encodeMp4(tracks: readonly PlainTrack[], ...extra: readonly Uint8Array[]): Uint8Array {
  const ftyp = box('ftyp', Buffer.from('isom'), uint32(0))
  const { length } = encodeMovie(tracks, 0, ...extra).moov
  const { moov, media } = encodeMovie(tracks, ftyp.length + length + 8, ...extra)
  return Buffer.concat([ftyp, moov, box('mdat', media)])
}

function encodeTrack(track: PlainTrack, chunkOffsets: readonly number[]): Uint8Array {
  const { samples, timescale = 1000, version = 0, edits = [] } = track
  const duration = samples.reduce((sum, sample) => sum + (sample.duration ?? 1), 0)
  const times = version === 1 ? [uint64(0, 0)] : [uint32(0, 0)]
  const tkhd = fullBox('tkhd', version, 3, ...times, uint32(track.id), new Uint8Array(64))
  const mdhd = fullBox(
    'mdhd',
    version,
    0,
    ...times,
    uint32(timescale),
    version === 1 ? uint64(duration) : uint32(duration),
    uint32(0),
  )
  const hdlr = fullBox('hdlr', 0, 0, uint32(0), Buffer.from(track.handler), new Uint8Array(13))
  const stbl = box('stbl', ...encodeTables(track, chunkOffsets))
  const edts = edits.length === 0 ? [] : [box('edts', ...edits)]
  return box('trak', tkhd, ...edts, box('mdia', mdhd, hdlr, box('minf', stbl)))
}

function encodeTables(track: PlainTrack, chunkOffsets: readonly number[]): Uint8Array[] {
  const { samples, perChunk = 2, wide = false, compactSizeBits, handler, entries } = track
  const sizes = samples.map(({ payload }) => payload.length)
  const syncs = samples.flatMap(({ sync }, index) => (sync === true ? [index + 1] : []))
  const compositions = samples.map(({ composition }) => composition ?? 0)
  const rest = samples.length % perChunk
  const full = Math.floor(samples.length / perChunk)
  const chunkRuns = [...(full > 0 ? [1, perChunk, 1] : []), ...(rest > 0 ? [full + 1, rest, 1] : [])]
  const tables: Record<string, Uint8Array | null> = {
    stsd: fullBox('stsd', 0, 0, uint32(entries.length), ...entries),
    stts: fullBox(
      'stts',
      0,
      0,
      uint32(samples.length),
      uint32(...samples.flatMap(({ duration = 1 }) => [1, duration])),
    ),
    ctts: compositions.every((offset) => offset === 0)
      ? null
      : fullBox(
          'ctts',
          1,
          0,
          uint32(samples.length),
          uint32(...compositions.flatMap((offset) => [1, offset])),
        ),
    stsc: fullBox('stsc', 0, 0, uint32(chunkRuns.length / 3), uint32(...chunkRuns)),
    stsz:
      compactSizeBits === undefined ? fullBox('stsz', 0, 0, uint32(0, sizes.length), uint32(...sizes)) : null,
    stz2: compactSizeBits === undefined ? null : encodeCompactSizes(sizes, compactSizeBits),
    stco: wide ? null : fullBox('stco', 0, 0, uint32(chunkOffsets.length), uint32(...chunkOffsets)),
    co64: wide ? fullBox('co64', 0, 0, uint32(chunkOffsets.length), uint64(...chunkOffsets)) : null,
    stss: handler === 'vide' ? fullBox('stss', 0, 0, uint32(syncs.length), uint32(...syncs)) : null,
    ...track.tables,
  }
  return Object.values(tables).filter((table) => table !== null)
}

function encodeCompactSizes(sizes: readonly number[], bits: 4 | 8 | 16): Uint8Array {
  const bytes: number[] = []
  for (const [index, size] of sizes.entries()) {
    if (bits === 16) {
      bytes.push(size >> 8, size & 0xff)
    } else if (bits === 8) {
      bytes.push(size)
    } else if (index % 2 === 0) {
      bytes.push(size * 16)
    } else {
      bytes.push((bytes.pop() ?? 0) + size)
    }
  }
  return fullBox('stz2', 0, 0, [0, 0, 0, bits], uint32(sizes.length), bytes)
}

/** An edit list of version 0; durations in ms, media times in ticks. */
export function elst(
  ...edits: readonly (readonly [durationMs: number, mediaTime: number, rate?: number])[]
): Uint8Array {
  const entries = edits.map(([duration, time, rate = 1]) => uint32(duration, time, rate * 0x10000))
  return fullBox('elst', 0, 0, uint32(edits.length), ...entries)
}

/** Defaults of fragments for a track. */
export function trex(trackId: number, durationTicks = 0, size = 0, flags = 0): Uint8Array {
  return fullBox('trex', 0, 0, uint32(trackId, 1, durationTicks, size, flags))
}
