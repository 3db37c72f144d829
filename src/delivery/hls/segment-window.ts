import type { Ms } from '../../base/index.ts'
import { renderMediaPlaylist } from '../../media/index.ts'
import type { HlsOptions } from './options.ts'

/** The most complete segments a stream holds, however short they are. */
export const MAX_HELD_SEGMENTS = 4096

/** The shortest playlist in target durations from which a segment may leave: RFC 8216, 6.2.2. */
const MIN_PLAYLIST_TARGET_DURATIONS = 3

/** A complete segment. */
export type HlsSegment = Readonly<{
  /** Its media sequence number. */
  sequence: number
  /** Its name, without a path. */
  fileName: string
  /** The transport stream. Shared by all who read it: never write into it. */
  bytes: Uint8Array
  /** From its first frame to the next segment's, whole ms. */
  duration: Ms
  /** What comes before it does not lead up to it. */
  discontinuity: boolean
  /** When its first frame happened, ms since the Unix epoch. */
  programDateTime: Ms
}>

type Entry = {
  readonly segment: HlsSegment
  /** The longest playlist that listed it, ms. */
  longestPlaylist: number
  /** On the window's own clock, which is the media that passed through; null while it is listed. */
  removedAt: number | null
}

/**
 * The complete segments of a stream: those the playlist lists, and those that it listed and that clients with an older
 * playlist may still ask for. RFC 8216, 6.2.2: they stay for their duration and that of the longest playlist they were in.
 */
export class SegmentWindow {
  #options: HlsOptions
  /** In order; those that left the playlist first. */
  readonly #entries: Entry[] = []
  readonly #byName = new Map<string, Entry>()
  /** How many of `#entries` have left the playlist. */
  #removed = 0
  #discontinuitySequence: number
  #targetDuration: number
  #mediaClock = 0
  #heldBytes = 0
  #ended = false
  /** The playlist's text; null when it has to be written anew. */
  #text: string | null = null

  /** @param discontinuitySequence EXT-X-DISCONTINUITY-SEQUENCE to begin with */
  constructor(options: HlsOptions, discontinuitySequence: number) {
    this.#options = options
    this.#discontinuitySequence = discontinuitySequence
    this.#targetDuration = Math.ceil(options.fragmentMs / 1000)
  }

  /** Goes on with other options, from the next segment on. */
  update(options: HlsOptions): void {
    this.#options = options
  }

  /** Bytes of all segments held. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /** Segments held, listed or not. */
  get heldSegments(): number {
    return this.#entries.length
  }

  /** Discontinuities up to and with the newest segment. */
  get discontinuities(): number {
    const listed = this.#listed().filter(({ segment }) => segment.discontinuity)
    return this.#discontinuitySequence + listed.length
  }

  /** The playlist's text, written when somebody asks for it first; null before the first segment. */
  playlist(): string | null {
    if (this.#text === null && this.#entries.length > 0) {
      this.#text = this.#render()
    }
    return this.#text
  }

  /** A segment's bytes, null if it is not there (any more). */
  find(fileName: string): Uint8Array | null {
    return this.#byName.get(fileName)?.segment.bytes ?? null
  }

  /** Takes the next segment; older ones leave. */
  add(segment: HlsSegment): void {
    const entry: Entry = { segment, longestPlaylist: 0, removedAt: null }
    this.#entries.push(entry)
    this.#byName.set(segment.fileName, entry)
    this.#heldBytes += segment.bytes.length
    this.#mediaClock += segment.duration
    // It must not change while clients have the playlist (RFC 8216, 6.2.1). A longer segment leaves no choice.
    this.#targetDuration = Math.max(this.#targetDuration, Math.round(segment.duration / 1000))
    this.#unlist()
    this.#letGo()
    this.#text = null
  }

  /** What the playlist covers at least, ms, once there is so much. */
  get windowMs(): number {
    return Math.max(this.#options.windowMs, MIN_PLAYLIST_TARGET_DURATIONS * this.#targetDuration * 1000)
  }

  /** Nothing will be added. */
  end(): void {
    this.#ended = true
    this.#text = null
  }

  #listed(): Entry[] {
    return this.#entries.slice(this.#removed)
  }

  #unlist(): void {
    const shortest = this.windowMs
    const listed = this.#listed()
    let total = listed.reduce((sum, { segment }) => sum + segment.duration, 0)
    for (const { segment } of listed) {
      if (total - segment.duration < shortest) {
        break
      }
      total -= segment.duration
      this.#unlistOldest()
    }
    for (const entry of this.#listed()) {
      entry.longestPlaylist = Math.max(entry.longestPlaylist, total)
    }
  }

  #unlistOldest(): void {
    const entry = this.#entries[this.#removed]
    if (entry === undefined) {
      return
    }
    entry.removedAt = this.#mediaClock
    this.#removed++
    if (entry.segment.discontinuity) {
      this.#discontinuitySequence++
    }
  }

  #letGo(): void {
    for (;;) {
      const oldest = this.#entries[0]
      if (oldest === undefined || this.#entries.length === 1) {
        return
      }
      const tooMuch = this.#heldBytes > this.#options.maxHeldBytes || this.#entries.length > MAX_HELD_SEGMENTS
      if (!tooMuch && !this.#isExpired(oldest)) {
        return
      }
      if (oldest.removedAt === null) {
        this.#unlistOldest()
      }
      this.#entries.shift()
      this.#removed--
      this.#byName.delete(oldest.segment.fileName)
      this.#heldBytes -= oldest.segment.bytes.length
    }
  }

  #isExpired({ segment, longestPlaylist, removedAt }: Entry): boolean {
    return removedAt !== null && this.#mediaClock - removedAt > segment.duration + longestPlaylist
  }

  #render(): string {
    const listed = this.#listed()
    return renderMediaPlaylist({
      targetDuration: this.#targetDuration,
      mediaSequence: listed[0]?.segment.sequence ?? 0,
      discontinuitySequence: this.#discontinuitySequence,
      segments: listed.map(({ segment }) => ({
        uri: encodeURIComponent(segment.fileName),
        duration: segment.duration,
        discontinuity: segment.discontinuity,
        programDateTime: segment.programDateTime,
      })),
      ended: this.#ended,
    })
  }
}
