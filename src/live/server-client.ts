import { type Clock, listWith, type Ms } from '../base/index.ts'
import type { StreamRequest } from './client.ts'
import type { ClientConnection, ConnectionTotals, PlayProgress } from './client-connection.ts'
import type { EndReason } from './sink.ts'
import type { TrafficRates, TrafficTable } from './traffic.ts'

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

/** What the clients of a directory share. */
export type ClientShared = Readonly<{
  /** Times them. */
  clock: Clock
  /** Their averages. */
  traffic: TrafficTable
  /** Called when one has begun or ended something, or asked for something else. */
  onChange: (client: Client) => void
  /** Called when one that has no connection does nothing any more. */
  onDone: (client: Client) => void
}>

const NO_TOTALS: ConnectionTotals = { bytesReceived: 0, bytesSent: 0 }

/** A client of the server: a connection, or a viewer of HLS. Made by `ClientDirectory.enter`; everything is read when somebody looks. */
export class Client {
  /** Unique in this process; the same id stands in the logs. */
  readonly id: string
  /** When it first asked for something, since the Unix epoch. */
  readonly startedAt: Ms
  /** Counts up by one with each client of the directory. */
  readonly ordinal: number
  /** A small whole number that no other client of the directory has at the same time, used again when it has left. */
  readonly place: number
  readonly #shared: ClientShared
  readonly #enteredAt: Ms
  readonly #connection: ClientConnection | null
  #connections: readonly StreamRequest[] = []
  /** One, nearly always. */
  #activities: readonly ClientActivity[] = []
  #newest: ClientActivity
  /** The newest thing is all that it does, as of nearly everybody: who looks at thousands need not look at their lists. */
  #doesOne = false
  #kickReason: string | null = null
  #gone = false
  /** How much of what it has asked for is not decided yet; `LiveService` counts it, and tells the end of the client after the last. */
  undecided = 0

  /** Made by `ClientDirectory.enter`. */
  constructor(
    first: ClientActivity,
    connection: ClientConnection | null,
    ordinal: number,
    shared: ClientShared,
  ) {
    this.id = first.request.client.id
    this.startedAt = shared.clock.wallTime()
    this.ordinal = ordinal
    this.#shared = shared
    this.#enteredAt = shared.clock.now()
    this.place = shared.traffic.add(this.#enteredAt)
    this.#connection = connection
    this.#newest = first
  }

  /** What it publishes and plays, or has asked for. Empty for a connection that does neither at the moment. */
  get activities(): readonly ClientActivity[] {
    return this.#activities
  }

  /** The newest thing it asked for, with its request and role: another object each time. */
  get newest(): ClientActivity {
    return this.#newest
  }

  /** The request of the newest thing it asked for. */
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
    return this.aliveMsAt(this.#shared.clock.now())
  }

  /** The same. @param now by the clock of the directory, for who looks at much of many clients: to ask a clock takes as long as the rest */
  aliveMsAt(now: Ms): Ms {
    return (now - this.#enteredAt) as Ms
  }

  /** Bytes that came from it. */
  get bytesReceived(): number {
    return (this.#connection ?? NO_TOTALS).bytesReceived
  }

  /** Bytes handed to its socket. */
  get bytesSent(): number {
    return (this.#connection ?? NO_TOTALS).bytesSent
  }

  /** Averages of the last 30 s; of one that has left 0. */
  get rates(): TrafficRates {
    const now = this.#shared.clock.now()
    return { receivedKbps: this.receivedKbpsAt(now), sentKbps: this.sentKbpsAt(now) }
  }

  /** That of what came from it, kbit/s. @param now as of `aliveMsAt` */
  receivedKbpsAt(now: Ms): number {
    return this.#gone ? 0 : this.#shared.traffic.receivedKbps(this.place, now, this.bytesReceived)
  }

  /** That of what was handed to its socket, kbit/s. @param now as of `aliveMsAt` */
  sentKbpsAt(now: Ms): number {
    return this.#gone ? 0 : this.#shared.traffic.sentKbps(this.place, now, this.bytesSent)
  }

  /** Media that a player is behind, ms, as far as its socket has taken what there is; of several streams the most. */
  get lagMs(): number {
    if (this.#doesOne) {
      return this.#newest.progress?.lagMs ?? 0
    }
    let lagMs = 0
    for (const { progress } of this.#activities) {
      lagMs = Math.max(lagMs, progress?.lagMs ?? 0)
    }
    return lagMs
  }

  /** How often a player was too far behind and skipped to the newest keyframe. */
  get skips(): number {
    if (this.#doesOne) {
      return this.#newest.progress?.skips ?? 0
    }
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
    this.#setActivities(listWith(this.#activities, activity))
  }

  /**
   * It is let in, and does what it asked for.
   * @param stop ends that
   */
  start(activity: ClientActivity, stop: (reason: EndReason) => void): void {
    activity.stop = stop
    this.#shared.onChange(this)
    if (this.#kickReason !== null) {
      stop({ code: 'closed', message: this.#kickReason })
    }
  }

  /** Takes away what it publishes or plays no more; idempotent. */
  end(activity: ClientActivity): void {
    this.#setActivities(this.#activities.filter((each) => each !== activity))
    if (this.#connection === null && this.#activities.length === 0) {
      this.#shared.onDone(this)
    }
  }

  /** Looks at its counters, for the averages. */
  sample(): void {
    const { clock, traffic } = this.#shared
    traffic.sample(this.place, clock.now(), this.#connection ?? NO_TOTALS)
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
    this.#shared.traffic.remove(this.place)
    this.#setActivities([])
  }

  #setActivities(activities: readonly ClientActivity[]): void {
    this.#activities = activities
    this.#doesOne = activities.length === 1 && activities[0] === this.#newest
    this.#shared.onChange(this)
  }
}
