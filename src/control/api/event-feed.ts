import { nextTurn, SlicedText } from '../../base/index.ts'
import type { HttpReply, HttpRequest } from '../../http/index.ts'
import { Places, type SocketSink } from '../../net/index.ts'
import { type ApiAnswer, type ApiCaller, type Endpoint, takeOver, text } from './endpoint.ts'
import type { ServerPorts } from './endpoints/ports.ts'
import { EventHistory, serverSentEvent } from './event-history.ts'
import { EVENT_SCHEMAS } from './event-schemas.ts'

/** How often listeners of `/api/v1/events` get the streams when nothing else happened. */
const REFRESH_MS = 2_000

/** What comes so soon with a first change is told together with it, ms: a stream that begins, and what is in it. */
const GATHER_MS = 100

/** Clients and refusals at once at most that wait to be told. */
const MAX_GATHERED_EVENTS = 100

/** So long after the streams were told changes wait, ms: where thousands come at once, the whole list is not made for each. */
const SPACING_MS = 500

/** How often a line without meaning is sent, so that neither proxies nor we take the connection for dead, ms. */
const KEEP_ALIVE_MS = 15_000

/** A listener that takes nothing for so long is sent away, ms: it would keep its place, and what waits for it, for ever. */
export const EVENT_STALL_TIMEOUT_MS = 60_000

/** Listeners of `/api/v1/events` at once at most. */
export const MAX_EVENT_LISTENERS = 1_000

/** Of these, those of one address at most; of trusted addresses (`trustedAddresses`) as many as there may be. */
export const MAX_EVENT_LISTENERS_PER_ADDRESS = 100

/** What a listener may ask for by `events`; without that it gets all. */
export const EVENT_NAMES: readonly string[] = ['streams', 'client', 'refusal']

/** What the feed needs. */
export type EventFeedSetup = Readonly<{
  /** Writes the streams, as `/api/v1/streams/` lists them, with commas between them; resolves when all are. */
  writeStreams: (json: SlicedText) => Promise<void>
  /** The ports, for who came by HTTPS (`secure`) or by HTTP. */
  ports: (secure: boolean) => ServerPorts
  /** Whether an address may have as many listeners as there may be. */
  trusts: (address: string) => boolean
}>

/** What waits to be told. */
type GatheredEvent = Readonly<{ name: string; event: Uint8Array }>

/** Who listens, to what, and how it came. */
type Listener = Readonly<{
  sink: SocketSink
  hears: (name: string) => boolean
  request: HttpRequest
  caller: ApiCaller
}>

/**
 * `GET /api/v1/events`: Server-Sent Events (WHATWG HTML, 9.2). First a `server` event with the ports; then `streams` events with the
 * whole list, at connect, on changes (twice a second at most) and every 2 s, and a `client` event for each client that comes or goes and a `refusal` event for each
 * that is not let in; where many come these are written together. These two have ids: who was away for a moment says the last one it got, as browsers do by themselves, and gets what
 * it missed, as far as `MAX_KEPT_EVENTS` go back.
 */
export class EventFeed {
  readonly #setup: EventFeedSetup
  readonly #listeners = new Set<Listener>()
  readonly #places: Places
  readonly #history = new EventHistory()
  #timers: readonly NodeJS.Timeout[] = []
  #hasChanged = false
  #gathered: GatheredEvent[] = []
  /** Runs while clients and refusals are gathered. */
  #gathering: NodeJS.Timeout | null = null
  /** Runs while changes wait to be told. */
  #waiting: NodeJS.Timeout | null = null
  /** Who is to get the streams next. */
  readonly #wanting = new Set<Listener>()
  #isWriting = false

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
      says: 'What happens, as Server-Sent Events.',
      listed: 'what happens, as Server-Sent Events',
      parameters: [
        {
          name: 'events',
          in: 'query',
          says: `Which, with commas between them: ${EVENT_NAMES.join(', ')}. Default: all.`,
          schema: { type: 'string' },
        },
      ],
      answer: {
        kind: 'events',
        events: EVENT_SCHEMAS,
        says: 'First `server` with the ports; then `streams` with the list of streams, `client` when one comes or goes, and `refusal`.',
      },
      handle: (request, caller) => this.#answer(request, caller),
    }
  }

  /**
   * Sends away whoever would not be let in any more; those that came by a door of their own stay.
   * @param mayStay decides by the request with which a listener came
   */
  dismiss(mayStay: (request: HttpRequest) => boolean): void {
    for (const { sink, request, caller } of this.#listeners) {
      if (!caller.isDoor && !mayStay(request)) {
        sink.end()
      }
    }
  }

  /** Something changed in the list of streams: a publisher or player came or went. */
  changed(): void {
    if (this.#listeners.size > 0) {
      this.#hasChanged = true
      if (this.#waiting === null) {
        this.#wait(GATHER_MS)
      }
    }
  }

  /** A client came or went, or was not let in. @param describe called only if somebody may hear of it */
  tell(name: 'client' | 'refusal', describe: () => object): void {
    // Who was away for a moment may still ask for it.
    if (this.#listeners.size > 0 || this.#history.isAwaited) {
      const event = this.#history.add(name, describe())
      this.#gather({ name, event })
    }
  }

  #answer(request: HttpRequest, caller: ApiCaller): ApiAnswer {
    const asked: readonly string[] = request.parameters.get('events')?.split(',') ?? EVENT_NAMES
    const unknown = asked.find((name) => !EVENT_NAMES.includes(name))
    if (unknown !== undefined) {
      return text(400, `'events' has '${unknown.slice(0, 64)}': it may have ${EVENT_NAMES.join(', ')}\n`)
    }
    const place = this.#places.take(request.address)
    return typeof place === 'string'
      ? text(503, `${place}\n`)
      : takeOver((reply) => {
          const hears = (name: string): boolean => asked.includes(name)
          const sink = reply.stream('text/event-stream', EVENT_STALL_TIMEOUT_MS)
          const listener = { sink, hears, request, caller }
          this.#addListener(listener, reply, () => place.release())
        })
  }

  #addListener(listener: Listener, reply: HttpReply, leave: () => void): void {
    const { request, sink, hears } = listener
    // It may get what is gathered from the history.
    this.#tellGathered()
    sink.write(serverSentEvent('server', this.#setup.ports(request.origin.startsWith('https:'))))
    for (const event of this.#history.since(request.headers['last-event-id'], hears)) {
      sink.write(event)
    }
    this.#listeners.add(listener)
    this.#startTimers()
    if (hears('streams')) {
      this.#wanting.add(listener)
      void this.#writeStreams()
    }
    reply.onClose(() => {
      leave()
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) {
        this.#stopTimers()
        this.#history.awaitReturn()
      }
    })
  }

  #startTimers(): void {
    if (this.#timers.length === 0) {
      this.#timers = [
        setInterval(() => this.#tellStreams(), REFRESH_MS).unref(),
        setInterval(() => this.#keepAlive(), KEEP_ALIVE_MS).unref(),
      ]
    }
  }

  #stopTimers(): void {
    for (const timer of this.#timers) {
      clearInterval(timer)
    }
    this.#timers = []
    clearTimeout(this.#waiting ?? undefined)
    this.#waiting = null
    clearTimeout(this.#gathering ?? undefined)
    this.#gathering = null
    this.#gathered = []
  }

  /** The first is told at once; where thousands come, those that come soon after it are written together. */
  #gather(gathered: GatheredEvent): void {
    if (this.#listeners.size > 0) {
      this.#gathered.push(gathered)
      if (this.#gathering === null || this.#gathered.length >= MAX_GATHERED_EVENTS) {
        this.#tellGathered()
      }
    }
  }

  #tellGathered(): void {
    const gathered = this.#gathered
    if (gathered.length === 0) {
      return
    }
    this.#gathered = []
    clearTimeout(this.#gathering ?? undefined)
    this.#gathering = setTimeout(() => {
      this.#gathering = null
      this.#tellGathered()
    }, GATHER_MS).unref()
    for (const { sink, hears } of this.#listeners) {
      // Who doesn't read misses what comes meanwhile, but no part of what comes together.
      if (!sink.blocked) {
        sink.cork()
        for (const { event } of gathered.filter(({ name }) => hears(name))) {
          sink.write(event)
        }
        sink.uncork()
      }
    }
  }

  #wait(ms: number): void {
    clearTimeout(this.#waiting ?? undefined)
    this.#waiting = setTimeout(() => {
      this.#waiting = null
      if (this.#hasChanged) {
        this.#tellStreams()
      }
    }, ms).unref()
  }

  #tellStreams(): void {
    this.#hasChanged = false
    for (const listener of this.#listeners) {
      if (listener.hears('streams')) {
        this.#wanting.add(listener)
      }
    }
    void this.#writeStreams()
    this.#wait(SPACING_MS)
  }

  /** Writes the streams to who wants them. Who comes while they are written gets the next list, of which there is one for all, too. */
  async #writeStreams(): Promise<void> {
    if (this.#isWriting) {
      return
    }
    this.#isWriting = true
    try {
      while (this.#wanting.size > 0) {
        const listeners = [...this.#wanting]
        this.#wanting.clear()
        const event = new SlicedText().write('event: streams\ndata: [')
        await this.#setup.writeStreams(event)
        const slices = keepable(event.write(']\n\n'))
        for (const listener of listeners) {
          this.#writeWhole(listener, slices)
          if (slices.length > 1) {
            await nextTurn()
          }
        }
      }
    } finally {
      this.#isWriting = false
    }
  }

  /** Who doesn't read gets the next one, and so none in part. */
  #writeWhole(listener: Listener, slices: readonly Uint8Array[]): void {
    const { sink } = listener
    if (!this.#listeners.has(listener) || sink.blocked) {
      return
    }
    sink.cork()
    for (const slice of slices) {
      sink.write(slice)
    }
    sink.uncork()
  }

  #keepAlive(): void {
    for (const listener of this.#listeners) {
      this.#writeWhole(listener, KEEP_ALIVE)
    }
  }
}

/** What the sinks have for as long as their clients take. A short text is a copy: one who doesn't read must not hold a slice for each. */
function keepable(text: SlicedText): readonly Uint8Array[] {
  const { slices } = text
  if (slices.length > 1) {
    return slices
  }
  const copies = slices.map((slice) => Uint8Array.from(slice))
  text.release()
  return copies
}

/** A comment (WHATWG HTML, 9.2.5), which clients read over. */
const KEEP_ALIVE: readonly Uint8Array[] = [Buffer.from(': still here\n\n')]
