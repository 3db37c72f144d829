import { toError } from '../../base/index.ts'
import { FlvTagType } from '../../media/index.ts'
import type { FileTag, MediaFile } from './media-file.ts'

/** How far ahead of their time tags are read, ms of media: a slow disk is not seen, and the end of a round is known before it comes. */
const READ_AHEAD_MS = 1000

/** How far ahead tags are read, in bytes. */
const READ_AHEAD_BYTES: number = 8 * 1024 * 1024

/** How many tags are read ahead: a file may have a million for one moment. */
const READ_AHEAD_TAGS = 5000

/** Sound that goes on for less than this behind the picture is cut short for the next round, ms: encoders fill the last frame up. */
const MAX_CUT_SOUND_MS = 200

/** What of one round may go on beside the beginning of the next, ms: decode times of video begin earlier than those of audio. */
const MAX_TAIL_MS = READ_AHEAD_MS

/** Where one kind is in time. */
class Extent {
  /** The distance of its last two frames, ms. */
  stepMs = 0
  #firstMs: number | null = null
  #lastMs = 0
  #endMs = 0

  /** When its last frame is over, ms; taken to last as long as the one before where the file does not say. */
  get endMs(): number {
    return this.#endMs
  }

  /** From its first frame to the end of its last one, ms. */
  get lengthMs(): number {
    return this.#firstMs === null ? 0 : this.#endMs - this.#firstMs
  }

  add({ positionMs, durationMs }: FileTag): void {
    if (this.#firstMs === null) {
      this.#firstMs = positionMs
    } else {
      this.stepMs = positionMs - this.#lastMs
    }
    this.#lastMs = positionMs
    this.#endMs = Math.max(this.#endMs, positionMs + Math.round(durationMs ?? this.stepMs))
  }
}

/** Sound of the round before, which the next one's must not overlap. */
type SoundBefore = Readonly<{ endMs: number; stepMs: number }>

const NO_SOUND: SoundBefore = { endMs: Number.NEGATIVE_INFINITY, stepMs: 0 }

/** One pass through a file: its tags, read ahead, at their place among those of all rounds. */
export class Round {
  /** How often the file has begun anew; 0 in the first round. */
  readonly number: number
  readonly #file: MediaFile
  readonly #tags: AsyncGenerator<FileTag, void, undefined>
  readonly #startMs: number
  readonly #queue: FileTag[] = []
  #queuedBytes = 0
  #isRead = false
  #failure: Error | null = null
  readonly #picture = new Extent()
  readonly #sound = new Extent()
  /** Null as soon as the sound of this round has begun. */
  #soundBefore: SoundBefore | null

  /** @param file closed by `close` */
  constructor(file: MediaFile, number = 0, startMs = 0, soundBefore: SoundBefore = NO_SOUND) {
    this.#file = file
    this.#tags = file.tags()
    this.number = number
    this.#startMs = startMs
    this.#soundBefore = soundBefore
  }

  /** The next tag, at its place among those of all rounds; null at the end. */
  get next(): FileTag | null {
    return this.#queue[0] ?? null
  }

  /** Why there are no more tags than are left; null if there is no fault. */
  get failure(): Error | null {
    return this.#failure
  }

  /** All that can be read has been, if not sent. */
  get isRead(): boolean {
    return this.#isRead
  }

  /**
   * How much later than this round the next one begins, ms; 0 if there is nothing to loop. Each kind goes on right behind its own
   * end, if both are of one length. Otherwise the longer one decides, but for a little sound behind the picture, which is cut.
   */
  get lengthMs(): number {
    const [picture, sound] = [this.#picture, this.#sound]
    const pictureDecides = picture.lengthMs > 0 && sound.lengthMs < picture.lengthMs + MAX_CUT_SOUND_MS
    const longest = pictureDecides ? picture.lengthMs : sound.lengthMs
    return Math.max(longest, Math.max(picture.endMs, sound.endMs) - MAX_TAIL_MS, 0)
  }

  /** The round that follows this one, which has been read to its end. @param file opened anew: it may be another by now */
  followedBy(file: MediaFile): Round {
    const { endMs, stepMs } = this.#sound
    const before = { endMs: this.#startMs + endMs, stepMs }
    return new Round(file, this.number + 1, this.#startMs + this.lengthMs, before)
  }

  /** Takes the next tag away. */
  take(): void {
    this.#queuedBytes -= this.#queue.shift()?.body.length ?? 0
  }

  /** Reads until enough is there, or to the end. */
  async readAhead(): Promise<void> {
    while (!this.#isRead && !this.#hasEnough()) {
      try {
        const { done, value } = await this.#tags.next()
        if (done === true) {
          this.#isRead = true
        } else {
          this.#add(value)
        }
      } catch (error) {
        this.#isRead = true
        this.#failure = toError(error)
      }
    }
  }

  /** Idempotent. */
  async close(): Promise<void> {
    await this.#tags.return()
    await this.#file.close()
  }

  #hasEnough(): boolean {
    const [first] = this.#queue
    const last = this.#queue.at(-1)
    const ms = first === undefined || last === undefined ? 0 : last.positionMs - first.positionMs
    return (
      ms >= READ_AHEAD_MS || this.#queuedBytes >= READ_AHEAD_BYTES || this.#queue.length >= READ_AHEAD_TAGS
    )
  }

  #add(tag: FileTag): void {
    const placed = { ...tag, positionMs: this.#startMs + tag.positionMs }
    if (!tag.sequenceHeader && tag.type !== FlvTagType.script) {
      const extent = tag.type === FlvTagType.audio ? this.#sound : this.#picture
      extent.add(tag)
      if (tag.type === FlvTagType.audio && this.#overlapsSoundBefore(placed)) {
        return
      }
    }
    this.#queue.push(placed)
    this.#queuedBytes += tag.body.length
  }

  /** Whether sound begins more than half a frame before the sound of the round before has ended: priming, or what is to be cut. */
  #overlapsSoundBefore({ positionMs }: FileTag): boolean {
    if (this.#soundBefore === null) {
      return false
    }
    const { endMs, stepMs } = this.#soundBefore
    if (positionMs + stepMs / 2 < endMs) {
      return true
    }
    this.#soundBefore = null
    return false
  }
}
