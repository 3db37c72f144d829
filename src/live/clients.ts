import { EventEmitter } from 'node:events'
import { type Clock, type Logger, type Ms, nextTurn } from '../base/index.ts'
import { ActiveClients } from './active-clients.ts'
import type { StreamRequest } from './client.ts'
import type { ClientConnection } from './client-connection.ts'
import type { ClientSequence } from './client-list.ts'
import { Client, type ClientActivity, type ClientRole, type ClientShared } from './server-client.ts'
import { SAMPLE_INTERVAL_MS, TrafficTable } from './traffic.ts'

/** Clients whose counters are looked at in one turn of the event loop. */
const SAMPLES_AT_ONCE = 250

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
  readonly #logger: Logger
  readonly #clients = new Map<string, Client>()
  readonly #active = new ActiveClients()
  readonly #shared: ClientShared
  #clientsSoFar = 0
  #sampler: NodeJS.Timeout | null = null

  /** @param clock times the clients @param logger told who is kicked */
  constructor(clock: Clock, logger: Logger) {
    super()
    this.#logger = logger
    this.#shared = {
      clock,
      traffic: new TrafficTable(),
      onChange: (client) => this.#active.update(client),
      onDone: (client) => this.#remove(client),
    }
  }

  /** The time as of `Client.aliveMsAt`. */
  get now(): Ms {
    return this.#shared.clock.now()
  }

  /** How many there are. */
  get size(): number {
    return this.#clients.size
  }

  /** All of them, oldest first; a new list each time. */
  get list(): Client[] {
    return [...this.#clients.values()]
  }

  /** Those that publish or play at the moment, oldest first: kept in order, so that a part of them costs no more than that part. */
  get active(): ClientSequence {
    return this.#active.all
  }

  /** The same by the stream that each asked for last (`streamKey`); no stream without anybody. */
  get activeByStream(): ReadonlyMap<string, ClientSequence> {
    return this.#active.ofStreams
  }

  /** How many there are of each kind, as of now. */
  get counts(): ClientCounts {
    const { publishers, players } = this.#active
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

  /**
   * Looks at everybody's counters, for the averages, some in a turn of the event loop; happens by itself every `SAMPLE_INTERVAL_MS`.
   */
  async sample(): Promise<void> {
    let sampled = 0
    for (const client of this.#clients.values()) {
      client.sample()
      if (++sampled % SAMPLES_AT_ONCE === 0) {
        await nextTurn()
      }
    }
  }

  #add(first: ClientActivity, connection: ClientConnection | null): Client {
    const client = new Client(first, connection, this.#clientsSoFar++, this.#shared)
    this.#clients.set(client.id, client)
    // One timer for all.
    this.#sampler ??= setInterval(() => void this.sample(), SAMPLE_INTERVAL_MS).unref()
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
