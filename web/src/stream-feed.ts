import type { ServerPorts, StreamInfo } from './answers.ts'
import { ApiClient, ApiFailure } from './api/api-client.ts'
import type { Envelope } from './api/envelope.ts'
import { EventFeed } from './api/event-feed.ts'
import type { ServerEvent } from './api/event-reader.ts'

export type { ServerPorts, StreamInfo } from './answers.ts'

/** Why the server does not tell its streams: it wants to know who asks, or it does not tell us whoever we are. */
export type ListRefusal = 'unauthorised' | 'forbidden'

/** Who hears of the streams and of whether the server can be reached. */
export type FeedListener = Readonly<{
  onStreams: (streams: readonly StreamInfo[]) => void
  onPorts: (ports: ServerPorts) => void
  onRefused: (why: ListRefusal) => void
  onUnreachable: () => void
}>

/** The server sends its list every 2 s; older news than this, in ms, are taken for silence. */
const SILENCE_MS = 6_000
const CHECK_INTERVAL_MS = 2_000
/** Who is refused asks that seldom, in ms: the server takes a wrong password once in 5 s, and then nothing any more. */
const REFUSED_INTERVAL_MS = 15_000
/** The API gives 10 entries unless asked for more. */
const POLL_COUNT = 1_000

/** The ports, as the event `server` and `ports` have them. */
type ToldPorts = Readonly<{ rtmp_port: number | null; rtmps_port: number | null; media_port: number | null }>

/**
 * Keeps the list of streams current by Server-Sent Events. When those are silent, because the server is away or a
 * proxy holds them back, it asks for the list instead, which also tells the two apart.
 */
export class StreamFeed {
  readonly #client: ApiClient
  readonly #events: EventFeed
  readonly #listener: FeedListener
  #heardAt = Number.NEGATIVE_INFINITY
  #refusedAt = Number.NEGATIVE_INFINITY
  #polling = false
  #stopped = false

  /**
   * @param base address of the page; the API is taken relative to it
   * @param authorization the header of that name; null without one
   */
  constructor(base: string, authorization: () => string | null, listener: FeedListener) {
    this.#client = new ApiClient(new URL('api/v1/', base).href, authorization)
    this.#listener = listener
    this.#events = new EventFeed(this.#client, {
      onEvent: (event) => this.#onEvent(event),
      onEnd: (reason) => {
        this.#heardAt = Number.NEGATIVE_INFINITY
        if (!this.#learnRefusal(reason)) {
          void this.#poll()
        }
      },
    })
  }

  /** Starts; the returned function stops it for good. */
  start(): () => void {
    this.#events.start()
    // Only silence is checked for, so that a proxy which swallows events does not leave the page empty.
    const timer = setInterval(() => this.#check(), CHECK_INTERVAL_MS)
    return () => {
      this.#stopped = true
      clearInterval(timer)
      this.#events.stop()
    }
  }

  #check(): void {
    const now = performance.now()
    if (now - this.#refusedAt >= REFUSED_INTERVAL_MS && now - this.#heardAt >= SILENCE_MS) {
      // Unless they go on, but nothing comes through.
      this.#events.start()
      void this.#poll()
    }
  }

  #onEvent({ type, data }: ServerEvent): void {
    if (type === 'streams') {
      this.#heardAt = performance.now()
      this.#receive(JSON.parse(data))
    } else if (type === 'server') {
      this.#receivePorts(JSON.parse(data))
    }
  }

  async #poll(): Promise<void> {
    if (this.#polling) {
      return
    }
    this.#polling = true
    try {
      const answer = await this.#client.get<Envelope & Readonly<{ streams: unknown }>>(
        'streams/',
        'streams',
        {
          count: POLL_COUNT,
        },
      )
      this.#receive(answer.streams)
    } catch (error) {
      if (!this.#learnRefusal(error)) {
        this.#receive(null)
      }
    } finally {
      this.#polling = false
    }
  }

  /** Whether that was why something failed. */
  #learnRefusal(error: unknown): boolean {
    if (!(error instanceof ApiFailure) || (error.kind !== 'unauthorised' && error.kind !== 'forbidden')) {
      return false
    }
    if (!this.#stopped) {
      this.#refusedAt = performance.now()
      this.#listener.onRefused(error.kind)
      void this.#askForPorts()
    }
    return true
  }

  /** The ports are told to everybody: to play a stream, one need not see the list. */
  async #askForPorts(): Promise<void> {
    try {
      const { data } = await this.#client.get<Envelope & Readonly<{ data: ToldPorts }>>('ports', 'data')
      this.#receivePorts(data)
    } catch (error) {
      if (!(error instanceof ApiFailure)) {
        throw error
      }
      // Then the streams are taken to be where the page is.
    }
  }

  #receive(streams: unknown): void {
    if (this.#stopped) {
      return
    }
    if (!Array.isArray(streams)) {
      this.#listener.onUnreachable()
      return
    }
    this.#refusedAt = Number.NEGATIVE_INFINITY
    this.#listener.onStreams(streams)
  }

  #receivePorts({ rtmp_port, rtmps_port, media_port }: ToldPorts): void {
    this.#listener.onPorts({ rtmp: rtmp_port, rtmps: rtmps_port, media: media_port })
  }
}

/** Connections that watch: all but the publisher. */
export function countViewers(stream: StreamInfo): number {
  return Math.max(0, stream.clients - (stream.publish.active ? 1 : 0))
}
