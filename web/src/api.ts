import type { ServerPorts, StreamInfo } from './answers.ts'

export type { ServerPorts, StreamInfo } from './answers.ts'

/** Who hears of the streams and of whether the server can be reached. */
export type FeedListener = Readonly<{
  onStreams: (streams: readonly StreamInfo[]) => void
  onPorts: (ports: ServerPorts) => void
  onUnreachable: () => void
}>

/** The server sends its list every 2 s; older news than this, in ms, are taken for silence. */
const SILENCE_MS = 6_000
const CHECK_INTERVAL_MS = 2_000
const POLL_TIMEOUT_MS = 4_000
/** The API gives 10 entries unless asked for more. */
const POLL_COUNT = 1_000

/**
 * Keeps the list of streams current by Server-Sent Events. When those are silent, because the server is away or a
 * proxy holds them back, it asks for the list instead, which also tells the two apart.
 */
export class StreamFeed {
  readonly #base: string
  readonly #listener: FeedListener
  #source: EventSource | null = null
  #heardAt = Number.NEGATIVE_INFINITY
  #polling = false
  #stopped = false

  /** @param base address of the page; the API is taken relative to it */
  constructor(base: string, listener: FeedListener) {
    this.#base = base
    this.#listener = listener
  }

  /** Starts; the returned function stops it for good. */
  start(): () => void {
    this.#openEvents()
    // Only silence is checked for, so that a proxy which swallows events does not leave the page empty.
    const timer = setInterval(() => this.#check(), CHECK_INTERVAL_MS)
    return () => {
      this.#stopped = true
      clearInterval(timer)
      this.#source?.close()
    }
  }

  #openEvents(): void {
    this.#source?.close()
    const source = new EventSource(new URL('api/v1/events', this.#base))
    source.addEventListener('streams', (event: MessageEvent<string>) => {
      this.#heardAt = performance.now()
      this.#receive(JSON.parse(event.data))
    })
    source.addEventListener('server', (event: MessageEvent<string>) => {
      const ports: {
        rtmp_port: number | null
        rtmps_port: number | null
        media_port: number | null
      } = JSON.parse(event.data)
      this.#listener.onPorts({ rtmp: ports.rtmp_port, rtmps: ports.rtmps_port, media: ports.media_port })
    })
    source.addEventListener('error', () => {
      this.#heardAt = Number.NEGATIVE_INFINITY
      void this.#poll()
    })
    this.#source = source
  }

  #check(): void {
    if (performance.now() - this.#heardAt < SILENCE_MS) {
      return
    }
    // An EventSource reconnects by itself unless the answer was an error; then it is closed for good.
    if (this.#source?.readyState === EventSource.CLOSED) {
      this.#openEvents()
    }
    void this.#poll()
  }

  async #poll(): Promise<void> {
    if (this.#polling) {
      return
    }
    this.#polling = true
    try {
      const url = new URL(`api/v1/streams/?count=${POLL_COUNT}`, this.#base)
      const response = await fetch(url, { signal: AbortSignal.timeout(POLL_TIMEOUT_MS) })
      const answer: unknown = response.ok ? await response.json() : null
      this.#receive(isStreamsAnswer(answer) ? answer.streams : null)
    } catch {
      this.#receive(null)
    } finally {
      this.#polling = false
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
    this.#listener.onStreams(streams)
  }
}

/** Connections that watch: all but the publisher. */
export function countViewers(stream: StreamInfo): number {
  return Math.max(0, stream.clients - (stream.publish.active ? 1 : 0))
}

function isStreamsAnswer(answer: unknown): answer is { streams: unknown } {
  return typeof answer === 'object' && answer !== null && 'streams' in answer
}
