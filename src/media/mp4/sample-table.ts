import { LimitError, ProtocolError } from '../../base/index.ts'
import { type Box, findChild, readFullBox } from './box.ts'
import { MAX_MP4_TRACK_SAMPLES } from './limits.ts'

/** A sample as a table or a fragment states it; times are in the track's timescale. */
export type RawSample = Readonly<{
  /** Of its first byte, from the file's beginning. */
  offset: number
  /** Its bytes. */
  size: number
  /** Decode time. */
  decodeTicks: number
  /** Decode time of the next. */
  durationTicks: number
  /** Presentation time minus decode time; may be negative. */
  compositionTicks: number
  /** It can be decoded with nothing before it. */
  sync: boolean
  /** Index of its sample description, from 0. */
  description: number
}>

/** Big-endian numbers in a row, of 4, 8, 16, 32 or 64 bits. */
class NumberTable {
  readonly length: number
  readonly #view: DataView
  readonly #bits: number

  constructor(bytes: Uint8Array, bits: number) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#bits = bits
    this.length = Math.floor((bytes.length * 8) / bits)
  }

  /** The number at an index below `length`. */
  at(index: number): number {
    switch (this.#bits) {
      case 64:
        return this.#view.getUint32(index * 8) * 0x100000000 + this.#view.getUint32(index * 8 + 4)
      case 32:
        return this.#view.getUint32(index * 4)
      case 16:
        return this.#view.getUint16(index * 2)
      case 8:
        return this.#view.getUint8(index)
      default: {
        const pair = this.#view.getUint8(index >> 1)
        return index % 2 === 0 ? pair >> 4 : pair & 0x0f
      }
    }
  }
}

const EMPTY_TABLE = new NumberTable(new Uint8Array(0), 32)

/** Steps through pairs of a count and a value, as "stts" and "ctts" have them. */
class Runs {
  readonly #table: NumberTable
  #entry = -2
  #left = 0

  constructor(table: NumberTable) {
    this.#table = table
  }

  /** The value of the next sample; null if there is none. */
  next(): number | null {
    while (this.#left === 0) {
      this.#entry += 2
      if (this.#entry + 1 >= this.#table.length) {
        return null
      }
      this.#left = this.#table.at(this.#entry)
    }
    this.#left--
    return this.#table.at(this.#entry + 1)
  }
}

/** Steps from chunk to chunk, as "stsc" and "stco" have them. */
class Chunks {
  readonly #sampleToChunk: NumberTable
  readonly #offsets: NumberTable
  #chunk = -1
  #entry = -1
  #samplesLeft = 0
  #offset = 0
  #samplesPerChunk = 0
  #description = 0

  constructor(sampleToChunk: NumberTable, offsets: NumberTable) {
    this.#sampleToChunk = sampleToChunk
    this.#offsets = offsets
  }

  /** Index of the present sample's description. */
  get description(): number {
    return this.#description
  }

  /** The offset of the next sample; null if there is no chunk for it. */
  next(size: number): number | null {
    while (this.#samplesLeft === 0) {
      this.#chunk++
      if (this.#chunk >= this.#offsets.length || !this.#enterChunk()) {
        return null
      }
    }
    this.#samplesLeft--
    const offset = this.#offset
    this.#offset += size
    return offset
  }

  #enterChunk(): boolean {
    // first_chunk, which counts from 1, samples_per_chunk, sample_description_index
    const table = this.#sampleToChunk
    for (
      let next = (this.#entry + 1) * 3;
      next + 2 < table.length && table.at(next) <= this.#chunk + 1;
      next += 3
    ) {
      this.#entry++
      this.#samplesPerChunk = table.at(next + 1)
      this.#description = Math.max(table.at(next + 2) - 1, 0)
    }
    this.#samplesLeft = this.#samplesPerChunk
    this.#offset = this.#offsets.at(this.#chunk)
    return this.#entry >= 0
  }
}

/**
 * The samples of a track as its tables state them: ISO/IEC 14496-12, 8.6 and 8.7. The tables stay as they are in the file, and are
 * stepped through: a sample costs 4 bytes, or 12 where there are B-frames, and nothing is made before it is asked for.
 */
export class SampleTable implements Iterable<RawSample> {
  /** Samples. */
  readonly count: number
  /** How much earlier than stated samples are decoded, so that none is shown before that: what negative offsets at the beginning ask for. */
  readonly leadTicks: number
  readonly #durations: NumberTable
  readonly #compositions: NumberTable
  readonly #sampleToChunk: NumberTable
  readonly #chunkOffsets: NumberTable
  readonly #syncSamples: NumberTable | null
  readonly #sizes: NumberTable
  readonly #commonSize: number

  /**
   * @param stbl a sample table box, kept
   * @throws ProtocolError if a table is missing or cut short
   * @throws LimitError if there are more than `MAX_MP4_TRACK_SAMPLES` samples
   */
  constructor(stbl: Box) {
    const require = (type: string): Box => {
      const box = findChild(stbl, type)
      if (box === null) {
        throw new ProtocolError(`box 'stbl' at byte ${stbl.offset} has no '${type}'`)
      }
      return box
    }
    this.#durations = readTable(require('stts'), 2)
    const ctts = findChild(stbl, 'ctts')
    this.#compositions = ctts === null ? EMPTY_TABLE : readTable(ctts, 2)
    this.leadTicks = ctts === null ? 0 : leadOf(this.#compositions)
    this.#sampleToChunk = readTable(require('stsc'), 3)
    const co64 = findChild(stbl, 'co64')
    this.#chunkOffsets = co64 === null ? readTable(require('stco'), 1) : readTable(co64, 1, 64)
    const stss = findChild(stbl, 'stss')
    this.#syncSamples = stss === null ? null : readTable(stss, 1)
    const stz2 = findChild(stbl, 'stz2')
    const sizes = stz2 === null ? readSizes(require('stsz')) : readCompactSizes(stz2)
    this.count = sizes.count
    this.#commonSize = sizes.commonSize
    this.#sizes = sizes.table
    if (this.count > MAX_MP4_TRACK_SAMPLES) {
      throw new LimitError('MAX_MP4_TRACK_SAMPLES', MAX_MP4_TRACK_SAMPLES, this.count)
    }
  }

  /** Where the last chunk begins, from the file's beginning; 0 if there is none. */
  get lastChunkOffset(): number {
    const { length } = this.#chunkOffsets
    return length === 0 ? 0 : this.#chunkOffsets.at(length - 1)
  }

  /** Every sample in decode order. @throws ProtocolError where the tables don't fit together */
  *[Symbol.iterator](): Generator<RawSample, void, undefined> {
    const durations = new Runs(this.#durations)
    const compositions = new Runs(this.#compositions)
    const chunks = new Chunks(this.#sampleToChunk, this.#chunkOffsets)
    let decodeTicks = 0
    let syncIndex = 0
    for (let index = 0; index < this.count; index++) {
      const size = this.#commonSize > 0 ? this.#commonSize : this.#sizes.at(index)
      const offset = chunks.next(size)
      const duration = durations.next()
      if (offset === null || duration === null) {
        const table = offset === null ? 'chunks' : 'durations'
        throw new ProtocolError(`there are ${table} for ${index} of ${this.count} samples`)
      }
      const sync = this.#syncSamples === null || this.#isSync(syncIndex, index)
      syncIndex += sync ? 1 : 0
      // A negative duration has no meaning; muxers have written them for a clock that stepped back.
      const durationTicks = duration >= 0x80000000 ? 1 : duration
      yield {
        offset,
        size,
        decodeTicks,
        durationTicks,
        compositionTicks: toSigned(compositions.next() ?? 0),
        sync,
        description: chunks.description,
      }
      decodeTicks += durationTicks
    }
  }

  #isSync(syncIndex: number, index: number): boolean {
    const table = this.#syncSamples ?? EMPTY_TABLE
    return syncIndex < table.length && table.at(syncIndex) === index + 1
  }
}

function readTable(box: Box, numbersPerEntry: number, bits = 32): NumberTable {
  return readFullBox(box, ({ reader }) => {
    const count = reader.readUint32()
    return new NumberTable(reader.readBytes((count * numbersPerEntry * bits) / 8), bits)
  })
}

type Sizes = Readonly<{ count: number; commonSize: number; table: NumberTable }>

function readSizes(stsz: Box): Sizes {
  return readFullBox(stsz, ({ reader }) => {
    const commonSize = reader.readUint32()
    const count = reader.readUint32()
    const table = commonSize > 0 ? EMPTY_TABLE : new NumberTable(reader.readBytes(count * 4), 32)
    return { count, commonSize, table }
  })
}

function readCompactSizes(stz2: Box): Sizes {
  return readFullBox(stz2, ({ reader }) => {
    const bits = reader.readUint32() & 0xff
    const count = reader.readUint32()
    if (bits !== 4 && bits !== 8 && bits !== 16) {
      throw new ProtocolError(`field_size is ${bits}`)
    }
    const table = new NumberTable(reader.readBytes(Math.ceil((count * bits) / 8)), bits)
    return { count, commonSize: 0, table }
  })
}

/** Entries that are searched for the lowest offset, which groups of pictures have again and again: a film has millions. */
const LEAD_ENTRIES = 1000

/** Version 0 has offsets unsigned, but is written with negative ones, too. */
function leadOf(compositions: NumberTable): number {
  const end = Math.min(compositions.length, LEAD_ENTRIES * 2)
  let lowest = 0
  for (let entry = 0; entry + 1 < end; entry += 2) {
    lowest = Math.min(lowest, toSigned(compositions.at(entry + 1)))
  }
  return -lowest
}

/** A 32-bit number as a signed one. */
function toSigned(value: number): number {
  return value >= 0x80000000 ? value - 0x100000000 : value
}
