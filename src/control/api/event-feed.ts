import type { HttpReply, HttpRequest } from '../../http/index.ts'
import { Places, type SocketSink } from '../../net/index.ts'
import { type ApiAnswer, type Endpoint, takeOver, text } from './endpoint.ts'

/** How often listeners of `/api/v1/events` get the streams when nothing else happened. */
const REFRESH_MS = 2_000

/** Listeners of `/api/v1/events` at once at most. */
export const MAX_EVENT_LISTENERS = 1_000

/** Of these, those of one address at most; of trusted addresses (`trustedAddresses`) as many as there may be. */
export const MAX_EVENT_LISTENERS_PER_ADDRESS = 100

/** The ports of a server, as the `server` event has them; null for what is not listened for. */
export type ServerPorts = Readonly<{
  /** That of RTMP. */
  rtmp_port: number | null
  /** That of RTMPS. */
  rtmps_port: number | null
  /** That of the streams of HTTP (or HTTPS), if the API has another; null if streams are where the API is. */
  media_port: number | null
}>

/** What the feed needs. */
export type EventFeedSetup = Readonly<{
  /** The streams, as `/api/v1/streams/` lists them. */
  streams: () => readonly object[]
  /** The ports, for who came by HTTPS (`secure`) or by HTTP. */
  ports: (secure: boolean) => ServerPorts
  /** Whether an address may have as many listeners as there may be. */
  trusts: (address: string) => boolean
}>

/**
 * `GET /api/v1/events`: Server-Sent Events (WHATWG HTML, 9.2), each `streams` event with the list of streams, at connect, on every
 * change and every 2 s; before the first a `server` event with the ports.
 */
export class EventFeed {
  readonly #setup: EventFeedSetup
  readonly #listeners = new Set<SocketSink>()
  readonly #places: Places
  #timer: NodeJS.Timeout | null = null

  /** Nobody listens at first. */
  constructor(setup: EventFeedSetup) {
    this.#setup = setup
    this.#places = new Places({
      takers: 'listeners',
      limit: { name: 'MAX_EVENT_LISTENERS', value: MAX_EVENT_LISTENERS },
      limitPerAddress: { name: 'MAX_EVENT_LISTENERS_PER_ADDRESS', value: MAX_EVENT_LISTENERS_PER_ADDRESS },
      trusts: setup.trusts,
    })
  }

  /** Its row of the table. */
  get endpoint(): Endpoint {
    return {
      method: 'GET',
      path: '/api/v1/events',
      operation: 'listenToEvents',
      says: 'Server-Sent Events: the streams whenever they change.',
      listed: 'the streams whenever they change, as Server-Sent Events',
      answer: {
        kind: 'text',
        contentType: 'text/event-stream',
        says: 'A `server` event with the ports, then `streams` events with the list of streams.',
      },
      handle: (request) => this.#answer(request),
    }
  }

  /** Tells the listeners that something changed: a publisher or player came or went. */
  changed(): void {
    if (this.#listeners.size === 0) {
      return
    }
    const event = this.#event()
    for (const sink of this.#listeners) {
      // Who doesn't read gets the next list: each one is whole.
      if (!sink.blocked) {
        sink.write(event)
      }
    }
  }

  #answer(request: HttpRequest): ApiAnswer {
    const place = this.#places.take(request.address)
    return typeof place === 'string'
      ? text(503, `${place}\n`)
      : takeOver((reply) => this.#addListener(request, reply, () => place.release()))
  }

  #addListener(request: HttpRequest, reply: HttpReply, leave: () => void): void {
    const sink = reply.stream('text/event-stream')
    sink.write(serverSentEvent('server', this.#setup.ports(request.origin.startsWith('https:'))))
    sink.write(this.#event())
    this.#listeners.add(sink)
    this.#timer ??= setInterval(() => this.changed(), REFRESH_MS).unref()
    reply.onClose(() => {
      leave()
      this.#listeners.delete(sink)
      if (this.#listeners.size === 0 && this.#timer !== null) {
        clearInterval(this.#timer)
        this.#timer = null
      }
    })
  }

  #event(): Uint8Array {
    return serverSentEvent('streams', this.#setup.streams())
  }
}

function serverSentEvent(event: string, data: unknown): Uint8Array {
  return Buffer.from(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
}
