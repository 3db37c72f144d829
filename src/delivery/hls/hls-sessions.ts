import { randomBytes } from 'node:crypto'
import type { Clock, Ms } from '../../base/index.ts'
import type { EndReason, Viewing, VirtualConnection } from '../../live/index.ts'
import { type Place, Places } from '../../net/index.ts'
import type { HlsOutput } from './hls-output.ts'

/** HLS viewers at once at most. */
export const MAX_HLS_SESSIONS = 10_000

/** Of these, those of one address at most, behind which many may be; of trusted addresses as many as there may be. */
export const MAX_HLS_SESSIONS_PER_ADDRESS = 5_000

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
  /** As a client, which it is until it ends. */
  readonly connection: VirtualConnection
  /** Bytes of playlists and segments that it was given. */
  bytesSent: number
  /** When it last asked for something. */
  lastRequestAt: Ms
  /** Requests that are still to be answered. */
  waiting: number
  /** It was disconnected: it is remembered as long as it asks, so that it is not let in again. */
  kicked: boolean
}

/** What a session is made of, for a viewer who was let in. */
export type HlsViewer = Pick<HlsSession, 'id' | 'viewing' | 'output' | 'place' | 'connection'>

/** The HLS viewers there are. */
export class HlsSessions {
  readonly #clock: Clock
  readonly #onEmpty: (output: HlsOutput) => void
  readonly #sessions = new Map<string, HlsSession>()
  readonly #viewers = new Map<HlsOutput, number>()
  readonly #places: Places
  #sweeper: NodeJS.Timeout | null = null
  #sweptAt: Ms

  /**
   * @param onEmpty called when an output has lost its last viewer
   * @param trusts whether an address may have as many viewers as there may be
   */
  constructor(clock: Clock, onEmpty: (output: HlsOutput) => void, trusts: (address: string) => boolean) {
    this.#clock = clock
    this.#sweptAt = clock.now()
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

  /** Keeps a viewer while a request of its is being answered, however long that takes. */
  async whileWaiting<T>(session: HlsSession, answer: () => Promise<T>): Promise<T> {
    session.waiting++
    try {
      return await answer()
    } finally {
      session.waiting--
      session.lastRequestAt = this.#clock.now()
    }
  }

  /** Adds a viewer, who has a place. */
  add(viewer: HlsViewer): HlsSession {
    const former = this.#sessions.get(viewer.id)
    const session: HlsSession = {
      ...viewer,
      bytesSent: 0,
      lastRequestAt: this.#clock.now(),
      waiting: 0,
      kicked: false,
    }
    const { connection } = viewer
    connection.totals = {
      bytesReceived: 0,
      get bytesSent() {
        return session.bytesSent
      },
    }
    connection.onDisconnect = (reason) => this.#kick(session, reason)
    this.#count(session.output, 1)
    if (former !== undefined) {
      this.#remove(former, { code: 'replaced', message: 'the viewer went on to another stream' })
    }
    this.#sessions.set(session.id, session)
    if (this.#sweeper === null) {
      this.#sweptAt = this.#clock.now()
      this.#sweeper = setInterval(() => this.#sweep(), SWEEP_INTERVAL_MS).unref()
    }
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
    const isLate = now - this.#sweptAt > 2 * SWEEP_INTERVAL_MS
    this.#sweptAt = now
    if (isLate) {
      // This process was held up, or stopped for a while: what viewers have asked meanwhile is read before the next time.
      return
    }
    for (const session of [...this.#sessions.values()]) {
      const { viewerTimeoutMs } = session.output
      if (session.waiting === 0 && now - session.lastRequestAt > viewerTimeoutMs) {
        this.#remove(session, {
          code: 'disconnected',
          message: `the viewer asked for nothing for ${viewerTimeoutMs} ms`,
        })
      }
    }
  }

  #kick(session: HlsSession, reason: string): void {
    if (!session.kicked) {
      this.#leave(session, { code: 'closed', message: reason })
      session.kicked = true
    }
  }

  /** It is no viewer and no client any more. */
  #leave(session: HlsSession, reason: EndReason): void {
    if (!session.kicked) {
      session.viewing.end(reason)
      session.connection.close()
      this.#count(session.output, -1)
    }
  }

  #remove(session: HlsSession, reason: EndReason): void {
    this.#sessions.delete(session.id)
    session.place.release()
    this.#leave(session, reason)
    if (this.#sessions.size === 0 && this.#sweeper !== null) {
      clearInterval(this.#sweeper)
      this.#sweeper = null
    }
  }
}
