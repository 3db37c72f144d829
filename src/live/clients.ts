import { EventEmitter } from 'node:events'
import { type Clock, type Logger, listWith, type Ms } from '../base/index.ts'
import type { StreamRequest } from './client.ts'
import type { ClientConnection, ConnectionTotals, PlayProgress } from './client-connection.ts'
import type { EndReason } from './sink.ts'
import { SAMPLE_INTERVAL_MS, TrafficAverage, type TrafficRates } from './traffic.ts'

/** What a client does with a stream. */
export type ClientRole = 'publisher' | 'player'

/** Something that a client publishes or plays; one RTMP connection may have several, one after the other or at once. */
export type ClientActivity = Readonly<{
  /** Whether it publishes or plays. */
  role: ClientRole
  /** What it asked for. */
  request: StreamRequest
}> & {
  /** Ends it; null as long as admission is being asked. */
  stop: ((reason: EndReason) => void) | null
  /** How far a player has come; null if nobody says. */
  progress: PlayProgress | null
}

const NO_TOTALS: ConnectionTotals = { bytesReceived: 0, bytesSent: 0 }

/** A client of the server: a connection, or a viewer of HLS. Made by `ClientDirectory.enter`; everything is read when somebody looks. */
export class Client {
  /** Unique in this process; the same id stands in the logs. */
  readonly id: string
  /** When it first asked for something, since the Unix epoch. */
  readonly startedAt: Ms
  readonly #clock: Clock
  readonly #enteredAt: Ms
  readonly #connection: ClientConnection | null
  #connections: readonly StreamRequest[] = []
  /** One, nearly always. */
  #activities: readonly ClientActivity[] = []
  readonly #traffic: TrafficAverage
  readonly #leave: () => void
  #newest: ClientActivity
  #kickReason: string | null = null
  #gone = false

  /** @param leave called when it is gone, if it has no connection that says so */
  constructor(first: ClientActivity, connection: ClientConnection | null, clock: Clock, leave: () => void) {
    this.id = first.request.client.id
    this.startedAt = clock.wallTime()
    this.#clock = clock
    this.#enteredAt = clock.now()
    this.#connection = connection
    this.#traffic = new TrafficAverage(this.#enteredAt)
    this.#leave = leave
    this.#newest = first
  }

  /** What it publishes and plays, or has asked for. Empty for a connection that does neither at the moment. */
  get activities(): readonly ClientActivity[] {
    return this.#activities
  }

  /** The newest thing it asked for. */
  get request(): StreamRequest {
    return this.#newest.request
  }

  /** What it does, or did last, with what it asked for last. */
  get role(): ClientRole {
    return this.#newest.role
  }

  /** It was let in, and publishes or plays now. */
  get isActive(): boolean {
    return this.#activities.some(({ stop }) => stop !== null)
  }

  /** For how long it is there, ms. */
  get aliveMs(): Ms {
    return (this.#clock.now() - this.#enteredAt) as Ms
  }

  /** Bytes that came from it. */
  get bytesReceived(): number {
    return (this.#connection ?? NO_TOTALS).bytesReceived
  }

  /** Bytes handed to its socket. */
  get bytesSent(): number {
    return (this.#connection ?? NO_TOTALS).bytesSent
  }

  /** Averages of the last 30 s. */
  get rates(): TrafficRates {
    return this.#traffic.rates(this.#clock.now(), this.#connection ?? NO_TOTALS)
  }

  /** Media that a player is behind, ms, as far as its socket has taken what there is; of several streams the most. */
  get lagMs(): number {
    let lagMs = 0
    for (const { progress } of this.#activities) {
      lagMs = Math.max(lagMs, progress?.lagMs ?? 0)
    }
    return lagMs
  }

  /** How often a player was too far behind and skipped to the newest keyframe. */
  get skips(): number {
    let skips = 0
    for (const { progress } of this.#activities) {
      skips += progress?.skips ?? 0
    }
    return skips
  }

  /** Why it was disconnected; null if it was not. */
  get kickReason(): string | null {
    return this.#kickReason
  }

  /** It has left. */
  get gone(): boolean {
    return this.#gone
  }

  /** What virtual hosts have let it connect for, the first of each. */
  get connections(): readonly StreamRequest[] {
    return this.#connections
  }

  /** The virtual host of this request has let it connect. */
  connect(request: StreamRequest): void {
    this.#connections = listWith(this.#connections, request)
  }

  /** Adds what it asks for. */
  begin(activity: ClientActivity): void {
    this.#newest = activity
    this.#activities = listWith(this.#activities, activity)
  }

  /**
   * It is let in, and does what it asked for.
   * @param stop ends that
   */
  start(activity: ClientActivity, stop: (reason: EndReason) => void): void {
    activity.stop = stop
    if (this.#kickReason !== null) {
      stop({ code: 'closed', message: this.#kickReason })
    }
  }

  /** Takes away what it publishes or plays no more; idempotent. */
  end(activity: ClientActivity): void {
    this.#activities = this.#activities.filter((each) => each !== activity)
    if (this.#connection === null && this.#activities.length === 0) {
      this.#leave()
    }
  }

  /** Looks at its counters, for the averages. */
  sample(): void {
    this.#traffic.sample(this.#clock.now(), this.#connection ?? NO_TOTALS)
  }

  /** Ends whatever it does, and its connection; see `ClientDirectory.kick`. Idempotent. */
  disconnect(reason: string): void {
    if (this.#kickReason !== null) {
      return
    }
    this.#kickReason = reason
    const activities = this.#activities
    // First the connection, so that the client is told before its stream ends.
    this.#connection?.disconnect(reason)
    for (const { stop } of activities) {
      stop?.({ code: 'closed', message: reason })
    }
  }

  /** It has left, and does nothing any more. */
  leave(): void {
    this.#gone = true
    this.#activities = []
  }
}

/** Events of a client directory. */
export type ClientEvents = {
  /** A client asked for something for the first time; nobody has let it in yet. */
  added: [client: Client]
  /** A client has left. */
  removed: [client: Client]
}

/** How many clients there are; who does both counts as both. */
export type ClientCounts = Readonly<{
  /** All, those included that do nothing at the moment. */
  clients: number
  /** Who publishes. */
  publishers: number
  /** Who plays. */
  players: number
}>

/**
 * Everybody who publishes or plays, by whatever protocol, from asking on until the connection is gone. To look costs whoever
 * looks: nothing is counted here while media flows.
 */
export class ClientDirectory extends EventEmitter<ClientEvents> {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #clients = new Map<string, Client>()
  #sampler: NodeJS.Timeout | null = null

  /** @param clock times the clients @param logger told who is kicked */
  constructor(clock: Clock, logger: Logger) {
    super()
    this.#clock = clock
    this.#logger = logger
  }

  /** How many there are. */
  get size(): number {
    return this.#clients.size
  }

  /** All of them, oldest first; a new list each time. */
  get list(): Client[] {
    return [...this.#clients.values()]
  }

  /** How many there are of each kind, as of now. */
  get counts(): ClientCounts {
    let publishers = 0
    let players = 0
    for (const { activities } of this.#clients.values()) {
      let publishes = false
      let plays = false
      for (const { role, stop } of activities) {
        publishes ||= stop !== null && role === 'publisher'
        plays ||= stop !== null && role === 'player'
      }
      publishers += publishes ? 1 : 0
      players += plays ? 1 : 0
    }
    return { clients: this.#clients.size, publishers, players }
  }

  /** The one with that id, if it is there. */
  get(id: string): Client | undefined {
    return this.#clients.get(id)
  }

  /**
   * Disconnects a client, and ends what it publishes and plays: with the code `closed`, and the reason, which goes to the log and, by
   * RTMP and WebSocket, to the client. Nothing keeps it from coming back.
   * @returns false if there is no such client
   */
  kick(id: string, reason: string): boolean {
    const client = this.#clients.get(id)
    if (client === undefined) {
      return false
    }
    const { address, protocol } = client.request.client
    this.#logger.info({ client: id, address, protocol, reason }, 'client kicked')
    client.disconnect(reason)
    return true
  }

  /**
   * Enters what a client asks for; who is there already, by its id, goes on as the same client. For `LiveService`, and for whoever feeds or
   * drains streams without asking it.
   * @param connection null if it has none: then it leaves with the end of what it does
   * @returns the client, and what it asks for, which is to be taken away with `client.end`
   */
  enter(
    role: ClientRole,
    request: StreamRequest,
    connection: ClientConnection | null,
  ): { client: Client; activity: ClientActivity } {
    const activity: ClientActivity = { role, request, stop: null, progress: null }
    const client = this.#clients.get(request.client.id) ?? this.#add(activity, connection)
    client.begin(activity)
    return { client, activity }
  }

  /** Looks at everybody's counters, for the averages; happens by itself every `SAMPLE_INTERVAL_MS`. */
  sample(): void {
    for (const client of this.#clients.values()) {
      client.sample()
    }
  }

  #add(first: ClientActivity, connection: ClientConnection | null): Client {
    const client: Client = new Client(first, connection, this.#clock, () => this.#remove(client))
    this.#clients.set(client.id, client)
    // One timer for all.
    this.#sampler ??= setInterval(() => this.sample(), SAMPLE_INTERVAL_MS).unref()
    this.emit('added', client)
    connection?.onClose(() => this.#remove(client))
    return client
  }

  #remove(client: Client): void {
    if (this.#clients.get(client.id) !== client) {
      return
    }
    this.#clients.delete(client.id)
    client.leave()
    if (this.#clients.size === 0 && this.#sampler !== null) {
      clearInterval(this.#sampler)
      this.#sampler = null
    }
    this.emit('removed', client)
  }
}
