import { type Clock, type Ms, ms, silentLogger } from '../../src/base/index.ts'
import {
  type Admission,
  type BroadcastOptions,
  defaultVhost,
  type EndReason,
  type Frame,
  LiveService,
  type Sink,
  type StreamEvents,
  type StreamOptions,
  StreamRegistry,
  type StreamRequest,
  type Vhost,
  Vhosts,
} from '../../src/live/index.ts'

/** A clock that stands still. */
export const stillClock: Clock = { now: () => ms(1000), wallTime: () => ms(1_700_000_000_000) }

/** A clock on which a second passes with every look, so that who paces himself by it never waits. */
export class RushingClock implements Clock {
  #now = 0

  now(): Ms {
    this.#now += 1000
    return ms(this.#now)
  }

  wallTime(): Ms {
    return ms(1_700_000_000_000)
  }
}

/** The machine's clock, so many times as fast: what is paced by it plays in a fraction of its time. */
export class FastClock implements Clock {
  readonly #factor: number

  constructor(factor: number) {
    this.#factor = factor
  }

  now(): Ms {
    return ms(performance.now() * this.#factor)
  }

  wallTime(): Ms {
    return ms(1_700_000_000_000 + this.now())
  }
}

/** What a live service asked and told, in order. */
export type LiveEvent = Readonly<{
  event: 'mayPublish' | 'mayPlay' | 'publish' | 'unpublish' | 'play' | 'stop' | 'refused'
  request: StreamRequest
  reason: EndReason | null
}>

/** Options of the streams of a `LiveRig`. */
export type LiveRigOptions = Readonly<{
  streams?: Partial<StreamOptions>
  broadcast?: Partial<BroadcastOptions>
}>

/** A live service, and what it asked and told. */
export class LiveRig {
  readonly events: LiveEvent[] = []
  readonly live: LiveService
  /** Admission says no, with this reason, unless it is null. */
  refusal: string | null = null

  constructor(clock: Clock = stillClock, options: LiveRigOptions = {}) {
    const vhost: Vhost = {
      ...defaultVhost,
      streams: { ...defaultVhost.streams, lingerMs: 0, takeoverSilenceMs: 0, ...options.streams },
      broadcast: { ...defaultVhost.broadcast, ...options.broadcast },
    }
    const registry = new StreamRegistry({ vhosts: new Vhosts([vhost]), clock })
    const decide = (event: LiveEvent['event'], request: StreamRequest): ReturnType<Admission['mayPlay']> => {
      this.#add(event, request)
      const { refusal } = this
      return Promise.resolve(refusal === null ? { allowed: true } : { allowed: false, reason: refusal })
    }
    this.live = new LiveService({
      registry,
      admission: {
        mayConnect: async () => ({ allowed: true }),
        mayPublish: (request) => decide('mayPublish', request),
        mayPlay: (request) => decide('mayPlay', request),
      },
      events: this.#streamEvents(),
      logger: silentLogger,
      clock,
    })
  }

  /** Events and their reasons, as `publish`, `unpublish unpublished: stopped` ... */
  get told(): string[] {
    return this.events.map(({ event, reason }) =>
      reason === null ? event : `${event} ${reason.code}: ${reason.message}`,
    )
  }

  #add(event: LiveEvent['event'], request: StreamRequest, reason: EndReason | null = null): void {
    this.events.push({ event, request, reason })
  }

  #streamEvents(): StreamEvents {
    return {
      onPublish: async (request) => this.#add('publish', request),
      onUnpublish: async (request, reason) => this.#add('unpublish', request, reason),
      onPlay: async (request) => this.#add('play', request),
      onStop: async (request, reason) => this.#add('stop', request, reason),
      onRefused: async ({ request }) => this.#add('refused', request),
      onAbandoned: async () => {},
      onClose: async () => {},
    }
  }
}

/** Keeps what it is given. */
export class FrameSink implements Sink {
  readonly frames: Frame[] = []
  readonly ends: string[] = []
  readonly #onFrame: (frame: Frame) => void

  constructor(onFrame: (frame: Frame) => void = () => {}) {
    this.#onFrame = onFrame
  }

  onFrame(frame: Frame): void {
    this.frames.push(frame)
    this.#onFrame(frame)
  }

  onPublishEnd({ code, message }: EndReason): void {
    this.ends.push(`${code}: ${message}`)
  }

  onEnd({ code, message }: EndReason): void {
    this.ends.push(`end ${code}: ${message}`)
  }
}
