import { LimitError, ProtocolError } from '../../base/index.ts'
import { type Box, MIN_BOX_HEADER_BYTES } from './box.ts'
import type { Mp4Edit } from './edit-list.ts'
import { parseFragment } from './fragment.ts'
import { MAX_MP4_FRAGMENT_BYTES, MAX_MP4_PREROLL_SAMPLES } from './limits.ts'
import { type Mp4Movie, readTopLevelHeader } from './movie.ts'
import { PAUSE, type RangeReader } from './range-reader.ts'
import type { Mp4SampleDescription } from './sample-description.ts'
import type { RawSample } from './sample-table.ts'
import type { Mp4Media } from './track.ts'

/** So many samples are looked at in a row, of millions that an edit may leave out: a few milliseconds. */
const SAMPLES_BETWEEN_PAUSES = 10_000

/** A sample of a track, where and when. */
export type Mp4Sample = Readonly<{
  /** Of its first byte, from the file's beginning. */
  offset: number
  /** Its bytes. */
  size: number
  /** Decode time in the movie, ms, rounded; may be below 0 for what is decoded before the movie begins. */
  decodeTimeMs: number
  /** Presentation time minus decode time, ms, both rounded; hardly ever negative. */
  compositionOffsetMs: number
  /** From its decode time to that of the next, ms, not rounded. */
  durationMs: number
  /** It can be decoded with nothing before it. */
  keyframe: boolean
  /** How it is coded; the same object for all that are coded alike. */
  description: Mp4SampleDescription
}>

/**
 * The samples of a track in decode order, one after the other: those of the movie's tables, then those of its fragments. An edit list is
 * followed: of a movie without fragments all of it, of another its beginning. What the beginning needs for its decoding comes before it: from
 * the last keyframe on, or one frame of audio. So it does at each cut: there, it comes all at the time at which the part before has come to.
 */
export class Mp4TrackReader {
  readonly #movie: Mp4Movie
  readonly #id: number
  readonly #media: Mp4Media
  /** Parts of the presentation that are yet to come. */
  readonly #parts: Mp4Edit[]
  #isFirstPart = true
  #offsetTicks = 0
  #startTicks = 0
  #endTicks = 0
  /** See `SampleTable.leadTicks`; of fragments, what the first one asks for. */
  #leadTicks: number | null
  #run: Iterator<RawSample> = [].values()
  #fragmentOffset: number | null
  #nextTicks = 0
  #begun = false
  readonly #preroll: RawSample[] = []
  /** Shown behind the end of a part that another follows, and decoded before it. */
  readonly #behind: RawSample[] = []
  #lastMs = Number.NEGATIVE_INFINITY

  /**
   * @param track one of the movie's, with its media
   * @param startMs where in the movie its presentation is to begin, ms, 0 or below; default 0. Below 0: what the edit list cuts off
   * there is given, too, to go with video that begins at its last keyframe before
   */
  constructor(movie: Mp4Movie, track: Readonly<{ id: number; media: Mp4Media }>, startMs = 0) {
    const { edits, timescale, table } = track.media
    this.#movie = movie
    this.#id = track.id
    this.#media = track.media
    this.#leadTicks = table.count > 0 ? table.leadTicks : null
    this.#fragmentOffset = movie.fragmentsOffset
    this.#parts = [...edits.parts]
    this.#beginPart()
    this.#startTicks += (startMs * timescale) / 1000
  }

  /**
   * The next sample; null at the end, which of a movie with fragments is that of the last whole one.
   * @throws ProtocolError if tables or fragments can't be read
   * @throws LimitError if a fragment is longer than `MAX_MP4_FRAGMENT_BYTES` and so on
   */
  *next(): RangeReader<Mp4Sample | null> {
    for (;;) {
      if (!this.#begun) {
        this.#begun = true
        yield* this.#findBeginning()
      }
      const raw = yield* this.#nextOfPart()
      if (raw !== null) {
        return this.#toSample(raw)
      }
      if (this.#parts.length === 0) {
        return null
      }
      this.#isFirstPart = false
      this.#beginPart()
    }
  }

  /** Goes to the next part, from the beginning of the tables on: parts may be in any order. */
  #beginPart(): void {
    const { timescale, table } = this.#media
    const part = this.#parts.shift()
    if (part === undefined) {
      return
    }
    const hasFragments = this.#movie.fragmentsOffset !== null
    if (hasFragments) {
      this.#parts.length = 0
    }
    const { startTicks, durationSeconds, delaySeconds } = part
    this.#run = table[Symbol.iterator]()
    this.#offsetTicks = delaySeconds * timescale - startTicks
    this.#startTicks = startTicks
    this.#endTicks =
      durationSeconds === null || hasFragments
        ? Number.POSITIVE_INFINITY
        : startTicks + durationSeconds * timescale
    this.#begun = false
    this.#preroll.length = 0
    this.#behind.length = 0
  }

  /** The next sample of the present part; null at its end. */
  *#nextOfPart(): RangeReader<RawSample | null> {
    for (;;) {
      // What is shown behind the end is needed only if something that is shown before it comes later.
      const [oldest] = this.#behind
      if (oldest !== undefined && isShownBefore(this.#behind.at(-1), this.#endTicks)) {
        this.#behind.shift()
        return oldest
      }
      const raw = this.#preroll.shift() ?? (yield* this.#nextRaw())
      if (raw === null || raw.decodeTicks - (this.#leadTicks ?? 0) >= this.#endTicks) {
        return null
      }
      if (this.#parts.length === 0 || (this.#behind.length === 0 && isShownBefore(raw, this.#endTicks))) {
        return raw
      }
      this.#behind.push(raw)
      if (this.#behind.length > MAX_MP4_PREROLL_SAMPLES) {
        throw new LimitError('MAX_MP4_PREROLL_SAMPLES', MAX_MP4_PREROLL_SAMPLES, this.#behind.length)
      }
    }
  }

  /** Reads until it is known what the presentation's beginning needs, and keeps that. */
  *#findBeginning(): RangeReader<void> {
    const { kind } = this.#media
    for (let count = 1; ; count++) {
      if (count % SAMPLES_BETWEEN_PAUSES === 0) {
        yield PAUSE
      }
      const raw = yield* this.#nextRaw()
      if (raw === null) {
        return
      }
      const decodeTicks = raw.decodeTicks - (this.#leadTicks ?? 0)
      if (kind === 'audio') {
        this.#preroll.splice(0, Math.max(this.#preroll.length - (this.#isFirstPart ? 1 : 0), 0))
      } else if (raw.sync && raw.decodeTicks + raw.compositionTicks <= this.#startTicks) {
        this.#preroll.length = 0
      }
      this.#preroll.push(raw)
      if (decodeTicks + this.#ticksBeforeStart(raw) >= this.#startTicks) {
        return
      }
      if (this.#preroll.length > MAX_MP4_PREROLL_SAMPLES) {
        throw new LimitError('MAX_MP4_PREROLL_SAMPLES', MAX_MP4_PREROLL_SAMPLES, this.#preroll.length)
      }
    }
  }

  /** By how much what the presentation begins with may begin before that: sound may, at a cut by half a frame, as it goes on without a gap. */
  #ticksBeforeStart({ durationTicks }: RawSample): number {
    if (this.#media.kind === 'video') {
      return 0
    }
    return this.#isFirstPart ? durationTicks - 1 : durationTicks / 2
  }

  *#nextRaw(): RangeReader<RawSample | null> {
    for (;;) {
      const { done, value } = this.#run.next()
      if (done !== true) {
        this.#nextTicks = value.decodeTicks + value.durationTicks
        return this.#isWithinFile(value) ? value : null
      }
      const samples = yield* this.#nextFragment()
      if (samples === null) {
        return null
      }
      this.#run = samples[Symbol.iterator]()
    }
  }

  /** False at the end of a file whose last fragment is not whole, as a recorder leaves it that is killed. */
  #isWithinFile({ offset, size }: RawSample): boolean {
    const { fileBytes, fragmentsOffset } = this.#movie
    if (offset < 0) {
      throw new ProtocolError(`a sample of track ${this.#id} is said to begin at byte ${offset}`)
    }
    if (offset + size <= fileBytes) {
      return true
    }
    if (fragmentsOffset === null) {
      throw new ProtocolError(
        `a sample of track ${this.#id} is at bytes ${offset} to ${offset + size}, and the file ends at byte ${fileBytes}: it is cut short`,
      )
    }
    this.#fragmentOffset = null
    return false
  }

  *#nextFragment(): RangeReader<readonly RawSample[] | null> {
    const { fileBytes, fragmentDefaults } = this.#movie
    while (this.#fragmentOffset !== null && fileBytes - this.#fragmentOffset >= MIN_BOX_HEADER_BYTES) {
      const offset = this.#fragmentOffset
      const { type, headerBytes, size } = yield* readTopLevelHeader(offset, fileBytes)
      if (offset + size > fileBytes) {
        break
      }
      this.#fragmentOffset = offset + size
      if (type === 'moof') {
        if (size > MAX_MP4_FRAGMENT_BYTES) {
          throw new LimitError('MAX_MP4_FRAGMENT_BYTES', MAX_MP4_FRAGMENT_BYTES, size)
        }
        const payloadOffset = offset + headerBytes
        const payload = yield { offset: payloadOffset, length: size - headerBytes }
        const moof: Box = { type, offset, payloadOffset, payload }
        const { samples, endTicks } = parseFragment(moof, this.#id, fragmentDefaults, this.#nextTicks)
        if (samples.length > 0) {
          this.#nextTicks = endTicks
          this.#leadTicks ??= Math.max(...samples.map(({ compositionTicks }) => -compositionTicks), 0)
          return samples
        }
      }
    }
    this.#fragmentOffset = null
    return null
  }

  #toSample(raw: RawSample): Mp4Sample {
    const { timescale, entries } = this.#media
    const entry = entries[raw.description]
    if (entry === undefined || entry.description === null) {
      throw new ProtocolError(
        `track ${this.#id} has samples that can't be played: ${entry?.problem ?? `there is no description ${raw.description + 1}`}`,
      )
    }
    const ticks = raw.decodeTicks + this.#offsetTicks
    const ownMs = toMs(ticks - (this.#leadTicks ?? 0), timescale)
    if (!Number.isSafeInteger(ownMs)) {
      throw new ProtocolError(`track ${this.#id} has a sample at ${ownMs} ms`)
    }
    const shownMs = toMs(ticks + raw.compositionTicks, timescale)
    const decodeTimeMs = this.#isFirstPart ? ownMs : Math.max(ownMs, this.#lastMs)
    this.#lastMs = decodeTimeMs
    return {
      offset: raw.offset,
      size: raw.size,
      decodeTimeMs,
      compositionOffsetMs: this.#isFirstPart ? shownMs - ownMs : Math.max(shownMs - decodeTimeMs, 0),
      durationMs: (raw.durationTicks * 1000) / timescale,
      keyframe: raw.sync,
      description: entry.description,
    }
  }
}

/** Halves go away from 0, as with FFmpeg. */
function toMs(ticks: number, timescale: number): number {
  const ms = (ticks * 1000) / timescale
  return ms < 0 ? 0 - Math.round(-ms) : Math.round(ms)
}

function isShownBefore(raw: RawSample | undefined, endTicks: number): boolean {
  return raw !== undefined && raw.decodeTicks + raw.compositionTicks < endTicks
}
