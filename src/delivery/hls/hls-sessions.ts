import { randomBytes } from 'node:crypto'
import type { Clock, Ms } from '../../base/index.ts'
import type { EndReason, Viewing } from '../../live/index.ts'
import { type Place, Places } from '../../net/index.ts'
import type { HlsOutput } from './hls-output.ts'

/** HLS viewers at once at most. */
export const MAX_HLS_SESSIONS = 10_000

/** Of these, those of one address at most, behind which many may be; of trusted addresses as many as there may be. */
export const MAX_HLS_SESSIONS_PER_ADDRESS = 5_000

/** A viewer that asks for nothing for so long has left. */
export const HLS_SESSION_TIMEOUT_MS = 30_000

/** How often idle viewers are looked for. */
const SWEEP_INTERVAL_MS = 1_000

/** One HLS viewer. HLS has no connection: a viewer is who uses the same `hls_ctx` in its URLs. */
export type HlsSession = {
  /** Stands in the viewer's URLs as `hls_ctx`; can't be guessed. */
  readonly id: string
  /** Its place on the stream. */
  readonly viewing: Viewing
  /** Its place among all viewers. */
  readonly place: Place
  /** What it watches. */
  readonly output: HlsOutput
  /** When it last asked for something. */
  lastRequestAt: Ms
}

/** The HLS viewers there are. */
export class HlsSessions {
  readonly #clock: Clock
  readonly #onEmpty: (output: HlsOutput) => void
  readonly #sessions = new Map<string, HlsSession>()
  readonly #viewers = new Map<HlsOutput, number>()
  readonly #places: Places
  #sweeper: NodeJS.Timeout | null = null

  /**
   * @param onEmpty called when an output has lost its last viewer
   * @param trusts whether an address may have as many viewers as there may be
   */
  constructor(clock: Clock, onEmpty: (output: HlsOutput) => void, trusts: (address: string) => boolean) {
    this.#clock = clock
    this.#onEmpty = onEmpty
    this.#places = new Places({
      takers: 'HLS viewers',
      limit: { name: 'MAX_HLS_SESSIONS', value: MAX_HLS_SESSIONS },
      limitPerAddress: { name: 'MAX_HLS_SESSIONS_PER_ADDRESS', value: MAX_HLS_SESSIONS_PER_ADDRESS },
      trusts,
    })
  }

  /** How many viewers there are. */
  get size(): number {
    return this.#sessions.size
  }

  /** An id that no session has. */
  newId(): string {
    return randomBytes(12).toString('base64url')
  }

  /**
   * Takes a place for a viewer who is to be admitted; then `add` gets it, or the caller gives it back. Returns the reason if
   * there is none for that address.
   */
  takePlace(address: string): Place | string {
    return this.#places.take(address)
  }

  /** The session with that id, which counts as a sign of life; undefined if there is none. */
  find(id: string): HlsSession | undefined {
    const session = this.#sessions.get(id)
    if (session !== undefined) {
      session.lastRequestAt = this.#clock.now()
    }
    return session
  }

  /** Adds a viewer, who has a place. */
  add(id: string, viewing: Viewing, output: HlsOutput, place: Place): HlsSession {
    const former = this.#sessions.get(id)
    const session = { id, viewing, output, place, lastRequestAt: this.#clock.now() }
    this.#count(output, 1)
    if (former !== undefined) {
      this.#remove(former, { code: 'replaced', message: 'the viewer went on to another stream' })
    }
    this.#sessions.set(id, session)
    this.#sweeper ??= setInterval(() => this.#sweep(), SWEEP_INTERVAL_MS).unref()
    return session
  }

  /** Ends every session's viewing of an output whose stream is over; what it holds can still be fetched for a while. */
  endViewings(output: HlsOutput, reason: EndReason): void {
    for (const session of this.#sessions.values()) {
      if (session.output === output) {
        session.viewing.end(reason)
      }
    }
  }

  /** Ends every session of an output. */
  endAll(output: HlsOutput, reason: EndReason): void {
    for (const session of [...this.#sessions.values()]) {
      if (session.output === output) {
        this.#remove(session, reason)
      }
    }
  }

  /** Ends all. */
  close(reason: EndReason): void {
    for (const session of [...this.#sessions.values()]) {
      this.#remove(session, reason)
    }
  }

  #count(output: HlsOutput, change: 1 | -1): void {
    const viewers = (this.#viewers.get(output) ?? 0) + change
    if (viewers > 0) {
      this.#viewers.set(output, viewers)
    } else {
      this.#viewers.delete(output)
      this.#onEmpty(output)
    }
  }

  #sweep(): void {
    const now = this.#clock.now()
    for (const session of [...this.#sessions.values()]) {
      if (now - session.lastRequestAt > HLS_SESSION_TIMEOUT_MS) {
        this.#remove(session, {
          code: 'disconnected',
          message: `the viewer asked for nothing for ${HLS_SESSION_TIMEOUT_MS} ms`,
        })
      }
    }
  }

  #remove(session: HlsSession, reason: EndReason): void {
    this.#sessions.delete(session.id)
    session.place.release()
    session.viewing.end(reason)
    this.#count(session.output, -1)
    if (this.#sessions.size === 0 && this.#sweeper !== null) {
      clearInterval(this.#sweeper)
      this.#sweeper = null
    }
  }
}
