import { randomBytes } from 'node:crypto'
import { pid } from 'node:process'
import type { Clock } from '../../base/index.ts'
import type { HttpReply, HttpRequest, HttpRouter } from '../../http/index.ts'
import type { StreamRegistry } from '../../live/index.ts'
import { Places, type SocketSink } from '../../net/index.ts'
import type { Refusals } from '../access/index.ts'
import { StreamDescriber, type StreamInfo } from './stream-info.ts'

/** How often listeners of `/api/v1/events` get the streams when nothing else happened. */
const REFRESH_MS = 2_000

/** Listeners of `/api/v1/events` at once at most. */
export const MAX_EVENT_LISTENERS = 1_000

/** Of these, those of one address at most; of trusted addresses (`trustedAddresses`) as many as there may be. */
export const MAX_EVENT_LISTENERS_PER_ADDRESS = 100

/** What the API routes need. */
export type ApiRoutesSetup = Readonly<{
  /** Gets the routes. */
  http: HttpRouter
  /** The streams that are shown. */
  registry: StreamRegistry
  /** Who was not let in. */
  refusals: Refusals
  /** Times the averages. */
  clock: Clock
  /** Whether an address may have as many listeners as there may be. */
  trusts: (address: string) => boolean
  /** Where RTMP is listened on; null if it is not. */
  rtmpPort: () => number | null
  /** Where RTMPS is listened on; null if it is not. */
  rtmpsPort: () => number | null
  /** The port of the streams of HTTP (or HTTPS), if the API has another; null if streams are where the API is. */
  mediaPort: (secure: boolean) => number | null
}>

/**
 * `GET /api/v1/streams/` as SRS answers it, and `GET /api/v1/events`: Server-Sent Events (WHATWG HTML, 9.2), each `streams`
 * event with the same list, at connect, on every change and every 2 s; before the first a `server` event with the
 * ports of RTMP and RTMPS, and that of the streams if the API has its own.
 * `GET /api/v1/refusals/`, which SRS has not: `{ code: 0, ..., total, counts, refusals }`, see `Refusals`.
 */
export class ApiRoutes {
  readonly #setup: ApiRoutesSetup
  readonly #describer: StreamDescriber
  readonly #listeners = new Set<SocketSink>()
  readonly #places: Places
  /** New with every start: by it a client sees that the server was started anew. */
  readonly #serviceId: string = randomBytes(4).toString('hex')
  #timer: NodeJS.Timeout | null = null

  /** Adds the routes to the HTTP server. */
  constructor(setup: ApiRoutesSetup) {
    this.#setup = setup
    this.#places = new Places({
      takers: 'listeners',
      limit: { name: 'MAX_EVENT_LISTENERS', value: MAX_EVENT_LISTENERS },
      limitPerAddress: { name: 'MAX_EVENT_LISTENERS_PER_ADDRESS', value: MAX_EVENT_LISTENERS_PER_ADDRESS },
      trusts: setup.trusts,
    })
    this.#describer = new StreamDescriber(setup.clock)
    for (const path of ['api/v1/streams', 'api/v1/streams/']) {
      setup.http.route(path, (_request, reply) => this.#answerStreams(reply))
    }
    for (const path of ['api/v1/refusals', 'api/v1/refusals/']) {
      setup.http.route(path, (_request, reply) => this.#answerRefusals(reply))
    }
    setup.http.route('api/v1/events', (request, reply) => this.#addListener(request, reply))
    setup.registry.on('opened', () => this.changed())
    setup.registry.on('ended', () => this.changed())
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

  /** Streams that were published, with or without a publisher at the moment. */
  #streams(): StreamInfo[] {
    return this.#setup.registry.streams
      .filter((stream) => stream.counters.publications > 0)
      .map((stream) => this.#describer.describe(stream))
  }

  #answerStreams(reply: HttpReply): void {
    this.#answer(reply, { streams: this.#streams() })
  }

  #answerRefusals(reply: HttpReply): void {
    const { newest, total, counts } = this.#setup.refusals
    this.#answer(reply, { total, counts, refusals: newest })
  }

  #answer(reply: HttpReply, content: object): void {
    const body = {
      code: 0,
      server: `srs-${pid}`,
      service: this.#serviceId,
      pid: String(pid),
      ...content,
    }
    reply.send(200, 'application/json', JSON.stringify(body), { 'cache-control': 'no-store' })
  }

  #addListener(request: HttpRequest, reply: HttpReply): void {
    const place = this.#places.take(request.address)
    if (typeof place === 'string') {
      reply.send(503, 'text/plain; charset=utf-8', `${place}\n`, { 'cache-control': 'no-store' })
      return
    }
    const sink = reply.stream('text/event-stream')
    const { rtmpPort, rtmpsPort, mediaPort } = this.#setup
    const ports = {
      rtmp_port: rtmpPort(),
      rtmps_port: rtmpsPort(),
      media_port: mediaPort(request.origin.startsWith('https:')),
    }
    sink.write(serverSentEvent('server', ports))
    sink.write(this.#event())
    this.#listeners.add(sink)
    this.#timer ??= setInterval(() => this.changed(), REFRESH_MS).unref()
    reply.onClose(() => {
      place.release()
      this.#listeners.delete(sink)
      if (this.#listeners.size === 0 && this.#timer !== null) {
        clearInterval(this.#timer)
        this.#timer = null
      }
    })
  }

  #event(): Uint8Array {
    return serverSentEvent('streams', this.#streams())
  }
}

function serverSentEvent(event: string, data: unknown): Uint8Array {
  return Buffer.from(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
}
