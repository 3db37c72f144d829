import { computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { ServerPorts } from '../../../src/answers.ts'
import { ApiClient } from '../../../src/api/api-client.ts'
import { authorizationOf, type Credentials, kept } from '../../../src/api/credentials.ts'
import type { Envelope } from '../../../src/api/envelope.ts'
import { EventFeed } from '../../../src/api/event-feed.ts'
import type { ServerEvent } from '../../../src/api/event-reader.ts'
import type {
  ClientInfo,
  ConsoleStream,
  Features,
  ProgramInfo,
  RefusalInfo,
  RelayInfo,
  Summary,
  VhostInfo,
} from '../api/answers.ts'
import { countHead, type Head, ServerHistory, StreamHistories } from './histories.ts'
import { Link } from './link.ts'
import { type Listing, readPages } from './pages.ts'
import { Poller } from './poller.ts'
import { Resource } from './resource.ts'
import { ServerClock } from './server-clock.ts'

/** Streams and clients shown at most: more are told of, not listed. */
export const MAX_LISTED_STREAMS = 2_000
/** See `MAX_LISTED_STREAMS`. */
export const MAX_LISTED_CLIENTS = 2_000

const SUMMARY_MS = 1_000
const LIST_MS = 2_000
const SLOW_MS = 5_000
const RARE_MS = 60_000
/** The server sends its streams every 2 s; older news than this, in ms, are taken for silence: then they are asked for. */
const SILENCE_MS = 5_000

/** Refusals, and how many there were by code. */
export type RefusalList = Readonly<{
  total: number
  counts: Readonly<Record<string, number>>
  refusals: readonly RefusalInfo[]
}>

/** The console's state and all it asks for. */
export class Console {
  /** Asks the API. */
  readonly api: ApiClient
  /** How the console stands with the server. */
  readonly link: Link
  /** All streams; null before the first answer. */
  readonly streams: Signal<readonly ConsoleStream[] | null> = signal(null)
  /** Ports of the server; null before it told them. */
  readonly ports: Signal<ServerPorts | null> = signal(null)
  /** Publishers and players. */
  readonly head: ReadonlySignal<Head | null> = computed(() =>
    this.streams.value === null ? null : countHead(this.streams.value),
  )
  /** What time it is at the server. */
  readonly clock: ServerClock = new ServerClock()
  /** The server over the last ten minutes. */
  readonly history: ServerHistory = new ServerHistory()
  /** Streams over the last ten minutes. */
  readonly histories: StreamHistories = new StreamHistories()
  /** Counts up with each reading of `history` or `histories`. */
  readonly drawn: Signal<number> = signal(0)
  /** What the server says of itself. */
  readonly summary: Resource<Summary>
  /** Its publishers and players. */
  readonly clients: Resource<Listing<ClientInfo>>
  /** Its virtual hosts. */
  readonly vhosts: Resource<Listing<VhostInfo>>
  /** Streams on their way to and from other servers. */
  readonly relays: Resource<Listing<RelayInfo>>
  /** FFmpeg and other programs that it runs. */
  readonly programs: Resource<Listing<ProgramInfo>>
  /** What it can do. */
  readonly features: Resource<Features>
  /** Who was not let in. */
  readonly refusals: Resource<RefusalList>
  /** Whether the server is told who asks. */
  readonly signedIn: Signal<boolean> = signal(kept.read() !== null)
  /** Whether the page can be seen. */
  readonly visible: Signal<boolean> = signal(true)
  readonly #poller: Poller
  readonly #feed: EventFeed
  #authorization: string | null = kept.read()
  #streamClients: Readonly<{ stream: string; clients: Resource<Listing<ClientInfo>> }>
  #heardAt = Number.NEGATIVE_INFINITY

  /** @param base address of the API, `.../api/v1/` */
  constructor(base: string) {
    this.api = new ApiClient(base, () => this.#authorization)
    this.link = new Link({
      probe: () => this.#loadSummary(),
      hasCredentials: () => this.#authorization !== null,
    })
    const active = computed(
      () => this.visible.value && ['connecting', 'online'].includes(this.link.state.value.kind),
    )
    this.#poller = new Poller(active)
    this.#feed = new EventFeed(this.api, {
      onEvent: (event) => this.#onEvent(event),
      onEnd: () => {
        this.#heardAt = Number.NEGATIVE_INFINITY
      },
    })
    this.summary = this.#resource(SUMMARY_MS, () => this.#loadSummary())
    this.clients = this.#resource(LIST_MS, () =>
      readPages<ClientInfo>(this.api, 'clients/', 'clients', { limit: MAX_LISTED_CLIENTS }),
    )
    this.#streamClients = { stream: '', clients: this.clients }
    this.vhosts = this.#resource(LIST_MS, () =>
      readPages<VhostInfo>(this.api, 'vhosts/', 'vhosts', { limit: MAX_LISTED_STREAMS }),
    )
    this.relays = this.#resource(LIST_MS, () =>
      readPages<RelayInfo>(this.api, 'relays/', 'relays', { limit: MAX_LISTED_STREAMS }),
    )
    this.programs = this.#resource(LIST_MS, () =>
      readPages<ProgramInfo>(this.api, 'programs/', 'programs', { limit: MAX_LISTED_STREAMS }),
    )
    this.features = this.#resource(RARE_MS, async () => {
      const { data } = await this.api.get<Envelope & Readonly<{ data: Features }>>('features', 'data')
      return data
    })
    this.refusals = this.#resource(SLOW_MS, () =>
      this.api.get<Envelope & RefusalList>('refusals/', 'refusals'),
    )
  }

  /** Begins to ask. */
  start(): void {
    const see = (): void => {
      this.visible.value = document.visibilityState === 'visible'
    }
    document.addEventListener('visibilitychange', see)
    see()
    effect(() => {
      if (this.visible.value && this.link.state.peek().kind === 'gone') {
        void this.link.retry()
      }
    })
    effect(() => {
      if (!this.visible.value || this.link.state.value.kind !== 'online') {
        this.#feed.stop()
        this.#heardAt = Number.NEGATIVE_INFINITY
      } else {
        this.#feed.start()
      }
    })
    this.watch(this.summary)
    this.#poller.watch({ everyMs: LIST_MS, run: () => this.#askForStreams() })
  }

  /** Keeps a resource fresh until the returned function is called. */
  watch(resource: Resource<unknown>): () => void {
    return this.#poller.watch(resource)
  }

  /** Tells the server who asks. */
  async signIn(credentials: Credentials): Promise<void> {
    this.#useAuthorization(authorizationOf(credentials))
    await this.link.retry()
  }

  /** Forgets who asks. */
  async signOut(): Promise<void> {
    this.#useAuthorization(null)
    this.link.forget()
    await this.link.retry()
  }

  /**
   * Disconnects a publisher or player.
   * @throws ApiFailure
   */
  async kick(id: string): Promise<void> {
    await this.link.change(() => this.api.delete(`clients/${encodeURIComponent(id)}`))
    this.#poller.hurry(this.clients)
    this.#poller.hurry(this.#streamClients.clients)
  }

  /** The publisher and players of a stream: the same resource for the same stream, until another is asked for. */
  clientsOf(stream: string): Resource<Listing<ClientInfo>> {
    if (this.#streamClients.stream !== stream) {
      const options = { limit: MAX_LISTED_CLIENTS, parameters: { stream } }
      const clients = this.#resource(LIST_MS, () =>
        readPages<ClientInfo>(this.api, 'clients/', 'clients', options),
      )
      this.#streamClients = { stream, clients }
    }
    return this.#streamClients.clients
  }

  #useAuthorization(authorization: string | null): void {
    this.#authorization = authorization
    this.signedIn.value = authorization !== null
    kept.write(authorization)
  }

  #resource<T>(everyMs: number, load: () => Promise<T>): Resource<T> {
    return new Resource(everyMs, () => this.link.ask(load))
  }

  async #loadSummary(): Promise<Summary> {
    const { data } = await this.api.get<Envelope & Readonly<{ data: Summary }>>('summaries', 'data')
    this.clock.add(data.now_ms, Date.now())
    this.history.add(data, this.head.peek())
    this.drawn.value++
    return data
  }

  /** Asks for what events did not tell: at first, and where a proxy holds them back. */
  async #askForStreams(): Promise<void> {
    if (performance.now() - this.#heardAt < SILENCE_MS) {
      return
    }
    const options = { limit: MAX_LISTED_STREAMS }
    const { entries } = await this.link.ask(() =>
      readPages<ConsoleStream>(this.api, 'streams/', 'streams', options),
    )
    this.#takeStreams(entries)
    // It may have ended, while the server is there.
    this.#feed.start()
  }

  #onEvent({ type, data }: ServerEvent): void {
    if (type === 'streams') {
      this.#heardAt = performance.now()
      this.#takeStreams(JSON.parse(data))
    } else if (type === 'server') {
      const { rtmp_port, rtmps_port, media_port } = JSON.parse(data)
      this.ports.value = { rtmp: rtmp_port, rtmps: rtmps_port, media: media_port }
    }
  }

  #takeStreams(streams: readonly ConsoleStream[]): void {
    this.histories.add(streams)
    this.streams.value = streams
    this.drawn.value++
  }
}
