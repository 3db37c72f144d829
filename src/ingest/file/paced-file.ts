import { setTimeout as delay } from 'node:timers/promises'
import { type Clock, nextTurn, ServerError, systemClock, toError } from '../../base/index.ts'
import type { FileTag } from './media-file.ts'
import { openMediaFile } from './open-media-file.ts'
import { Round } from './round.ts'

/** Which file is played, and how. */
export type PacedFileOptions = Readonly<{
  /** An FLV or MP4 file; what it is, its content tells. */
  path: string
  /** Begins again at the end, without a jump in time. Default true. */
  loop?: boolean
}>

/** One tag of the file when its time has come; its body is the receiver's. */
export type PacedTag = Pick<FileTag, 'type' | 'body'> &
  Readonly<{
    /** When it is due, ms from the file's first audio or video; goes on over every round and never wraps. */
    positionMs: number
    /** How often the file has begun anew; 0 in the first round. */
    round: number
  }>

/** How far ahead of its time a tag may be sent, ms: timers are that coarse. */
const SEND_AHEAD_MS = 5

/** After so many tags others have their turn: a file may have a million for one moment. */
const TAGS_IN_A_ROW = 100

/** The longest time that timers of Node can wait. */
const MAX_TIMER_MS: number = 2 ** 31 - 1

/**
 * A media file played in real time, as an encoder would, once or over and over. Each round opens it anew, so that a file which takes
 * its place by renaming is played from the next round on.
 */
export class PacedFile {
  readonly #options: PacedFileOptions
  readonly #clock: Clock
  readonly #stopping = new AbortController()

  /** @param clock paces the file. Default: the machine's */
  constructor(options: PacedFileOptions, clock: Clock = systemClock) {
    this.#options = options
    this.#clock = clock
  }

  /**
   * Looks at what is in the file, before anybody is told of it.
   * @returns what is in it and will not be played, and why: a sentence each
   * @throws ServerError ERR_MEDIA_FILE if it can't be played
   */
  async check(): Promise<readonly string[]> {
    try {
      const file = await openMediaFile(this.#options.path)
      await file.close()
      return file.warnings
    } catch (error) {
      throw this.#fault(error)
    }
  }

  /**
   * Hands over every tag when it is due, until the file ends or `stop` is called. To be called once.
   * @param onTag may return a promise, which is waited for; what it throws ends the play and is thrown from here as it is
   * @throws ServerError ERR_MEDIA_FILE if the file can't be played
   */
  async play(onTag: (tag: PacedTag) => Promise<void> | void): Promise<void> {
    const startedAt = this.#clock.now()
    const rounds = new Rounds(this.#options.path, this.#options.loop ?? true)
    let sent = 0
    try {
      for (;;) {
        const next = await this.#nextOf(rounds)
        if (next === null) {
          return
        }
        await this.#waitUntil(startedAt + next.positionMs)
        sent++
        if (sent % TAGS_IN_A_ROW === 0) {
          await nextTurn()
        }
        if (this.#stopping.signal.aborted) {
          return
        }
        await onTag(next)
      }
    } finally {
      await rounds.close()
    }
  }

  /** Ends the play; `play` resolves soon after. Idempotent. */
  stop(): void {
    this.#stopping.abort()
  }

  async #nextOf(rounds: Rounds): Promise<PacedTag | null> {
    try {
      return await rounds.next()
    } catch (error) {
      throw this.#fault(error)
    }
  }

  async #waitUntil(time: number): Promise<void> {
    const { signal } = this.#stopping
    let waitMs = time - this.#clock.now()
    while (waitMs > SEND_AHEAD_MS && !signal.aborted) {
      // An abort is no failure: the caller looks at the signal.
      await delay(Math.min(waitMs, MAX_TIMER_MS), undefined, { signal }).catch(() => {})
      waitMs = time - this.#clock.now()
    }
  }

  #fault(cause: unknown): ServerError {
    const { message } = toError(cause)
    return new ServerError('ERR_MEDIA_FILE', `${this.#options.path} can't be played: ${message}`, { cause })
  }
}

/** The rounds of a file: where one ends and the next has begun, their tags are merged in order of time. */
class Rounds {
  readonly #path: string
  readonly #loop: boolean
  #present: Round | null = null
  #following: Round | null = null
  /** Why there is no following round. */
  #failure: Error | null = null

  constructor(path: string, loop: boolean) {
    this.#path = path
    this.#loop = loop
  }

  /** The next tag; null at the end. @throws Error if the file can't be played on */
  async next(): Promise<PacedTag | null> {
    this.#present ??= new Round(await openMediaFile(this.#path))
    for (;;) {
      await this.#present.readAhead()
      if (this.#loop && this.#present.isRead && this.#present.failure === null) {
        await this.#follow(this.#present)
      }
      if (this.#present.next !== null) {
        return takeEarlier(this.#present, this.#following)
      }
      const failure = this.#present.failure ?? this.#failure
      if (failure !== null) {
        throw failure
      }
      if (this.#following === null) {
        return null
      }
      await this.#present.close()
      this.#present = this.#following
      this.#following = null
    }
  }

  async close(): Promise<void> {
    await this.#present?.close()
    await this.#following?.close()
  }

  /** Begins the round behind this one. What is wrong is told when this one is over. */
  async #follow(present: Round): Promise<void> {
    if (this.#following === null && this.#failure === null) {
      if (present.lengthMs === 0) {
        this.#failure = new Error('it has no audio or video to loop, or none that takes any time')
        return
      }
      try {
        this.#following = present.followedBy(await openMediaFile(this.#path))
      } catch (error) {
        this.#failure = toError(error)
      }
    }
    await this.#following?.readAhead()
  }
}

/** Takes the next tag of the present round, or of the one that follows, if that has one which is earlier. */
function takeEarlier(present: Round, following: Round | null): PacedTag | null {
  const own = present.next
  const other = following?.next ?? null
  const round =
    own !== null && other !== null && following !== null && other.positionMs < own.positionMs
      ? following
      : present
  const { next } = round
  if (next === null) {
    return null
  }
  round.take()
  const { type, body, positionMs } = next
  return { type, body, positionMs, round: round.number }
}
