import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { type Clock, ServerError, systemClock, toError } from '../../base/index.ts'
import { MAX_FORWARD_STEP_MS, MAX_INTERLEAVING_MS, shortestStep } from '../../live/index.ts'
import {
  decodeFlvFileHeader,
  FLV_FILE_HEADER_BYTES,
  type FlvTag,
  FlvTagReader,
  FlvTagType,
} from '../../media/index.ts'

/** Which file is played, and how. */
export type PacedFlvFileOptions = Readonly<{
  /** An FLV file. */
  path: string
  /** Begins again at the end, without a jump in time. Default true. */
  loop?: boolean
}>

/** One tag of the file when its time has come. */
export type PacedTag = Readonly<{
  /** The tag; its body is the receiver's. */
  tag: FlvTag
  /** When it is due, ms from the file's first audio or video; goes on over every round and never wraps. */
  positionMs: number
  /** How often the file has begun anew; 0 in the first round. */
  round: number
}>

/** How far ahead of its time a tag may be sent, ms: timers are that coarse. */
const SEND_AHEAD_MS = 5

/** An FLV file played in real time, as an encoder would, once or over and over. */
export class PacedFlvFile {
  readonly #options: PacedFlvFileOptions
  readonly #clock: Clock
  readonly #stopping = new AbortController()

  /** @param clock paces the file. Default: the machine's */
  constructor(options: PacedFlvFileOptions, clock: Clock = systemClock) {
    this.#options = options
    this.#clock = clock
  }

  /**
   * Looks at the file's header, before anybody is told of it.
   * @throws ServerError ERR_MEDIA_FILE if there is no FLV file
   */
  async check(): Promise<void> {
    try {
      const file = await open(this.#options.path)
      try {
        const { buffer } = await file.read({ buffer: new Uint8Array(FLV_FILE_HEADER_BYTES) })
        decodeFlvFileHeader(buffer)
      } finally {
        await file.close()
      }
    } catch (error) {
      throw this.#fault(error)
    }
  }

  /**
   * Hands over every tag when it is due, until the file ends or `stop` is called. To be called once.
   * @param onTag may return a promise, which is waited for; what it throws ends the play and is thrown from here as it is
   * @throws ServerError ERR_MEDIA_FILE if the file can't be played
   */
  async play(onTag: (paced: PacedTag) => Promise<void> | void): Promise<void> {
    const startedAt = this.#clock.now()
    let offsetMs = 0
    for (let round = 0; !this.#stopping.signal.aborted; round++) {
      const lengthMs = await this.#playOnce(onTag, startedAt, offsetMs, round)
      if (!(this.#options.loop ?? true) || this.#stopping.signal.aborted) {
        return
      }
      if (lengthMs === 0) {
        throw this.#fault(new Error('it has no audio or video to loop'))
      }
      offsetMs += lengthMs
    }
  }

  /** Ends the play; `play` resolves soon after. Idempotent. */
  stop(): void {
    this.#stopping.abort()
  }

  /** Plays the file from its start to its end; returns the media time it takes. */
  async #playOnce(
    onTag: (paced: PacedTag) => Promise<void> | void,
    startedAt: number,
    offsetMs: number,
    round: number,
  ): Promise<number> {
    const times = new FileTimes()
    for await (const tag of this.#tags()) {
      const positionMs = offsetMs + times.place(tag)
      await this.#waitUntil(startedAt + positionMs)
      if (this.#stopping.signal.aborted) {
        break
      }
      await onTag({ tag, positionMs, round })
    }
    return times.lengthMs
  }

  async *#tags(): AsyncGenerator<FlvTag, void> {
    const reader = new FlvTagReader()
    const file = createReadStream(this.#options.path)
    try {
      const chunks = file[Symbol.asyncIterator]()
      for (;;) {
        const tags: FlvTag[] = []
        try {
          const { done, value } = await chunks.next()
          if (done === true) {
            return
          }
          reader.push(value as Uint8Array, (tag) => tags.push(tag))
        } catch (error) {
          throw this.#fault(error)
        }
        yield* tags
      }
    } finally {
      file.destroy()
    }
  }

  async #waitUntil(time: number): Promise<void> {
    const waitMs = time - this.#clock.now()
    if (waitMs > SEND_AHEAD_MS) {
      // An abort is no failure: the caller looks at the signal.
      await delay(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => {})
    }
  }

  #fault(cause: unknown): ServerError {
    const { message } = toError(cause)
    return new ServerError('ERR_MEDIA_FILE', `${this.#options.path} can't be played: ${message}`, { cause })
  }
}

/**
 * Where the tags of a file are in time, counted from its first audio or video: recordings of live streams begin anywhere, and
 * their clock, of 32 bits or of 31 (FFmpeg, SRS), may wrap.
 */
class FileTimes {
  readonly #lastMs = new Map<number, number>()
  /** The last tag's time as the file says it, and where that is; null before the first audio or video. */
  #last: { timestampMs: number; positionMs: number } | null = null
  #newestMs = 0
  #lengthMs = 0

  /** Milliseconds to the end of the longest track, its last frame taken to last as long as the one before. */
  get lengthMs(): number {
    return this.#lengthMs
  }

  /** The position of the file's next tag, ms; metadata has that of the tag before it. */
  place({ type, timestampMs }: FlvTag): number {
    if (type === FlvTagType.script) {
      return this.#newestMs
    }
    this.#last ??= { timestampMs, positionMs: 0 }
    const sinceFirstMs = this.#last.positionMs + stepBetween(this.#last.timestampMs, timestampMs)
    this.#last = { timestampMs, positionMs: sinceFirstMs }
    const positionMs = Math.max(sinceFirstMs, 0)
    const stepMs = positionMs - (this.#lastMs.get(type) ?? positionMs)
    this.#lastMs.set(type, positionMs)
    this.#newestMs = positionMs
    this.#lengthMs = Math.max(this.#lengthMs, positionMs + stepMs)
    return positionMs
  }
}

/** From one tag's time to that of the next: over the end of the clock if that is near, else as it stands there. */
function stepBetween(fromMs: number, toMs: number): number {
  // A step that is short on a clock of 31 bits is so on one of 32, too.
  const stepMs = shortestStep(fromMs, toMs, 0x80000000)
  return stepMs >= -MAX_INTERLEAVING_MS && stepMs <= MAX_FORWARD_STEP_MS ? stepMs : toMs - fromMs
}
