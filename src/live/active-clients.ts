import { ClientList } from './client-list.ts'
import type { Client } from './server-client.ts'
import { streamKey } from './stream-name.ts'

/** How a client that publishes or plays is counted. */
type Standing = Readonly<{
  /** `streamKey` of what it asked for last. */
  key: string
  publishes: boolean
  plays: boolean
}>

/**
 * The clients that publish or play at the moment (`Client.isActive`), in the order in which they came to the server: all, and those of
 * each stream. Kept when somebody begins or ends, so that to ask for some of them, or how many there are, costs nothing more.
 */
export class ActiveClients {
  /** All of them. */
  readonly all: ClientList = new ClientList()
  readonly #ofStreams = new Map<string, ClientList>()
  readonly #standings = new Map<Client, Standing>()
  #publishers = 0
  #players = 0

  /** Of these, those that publish. */
  get publishers(): number {
    return this.#publishers
  }

  /** Of these, those that play. */
  get players(): number {
    return this.#players
  }

  /** By the stream that each asked for last (`streamKey`); no stream without anybody. */
  get ofStreams(): ReadonlyMap<string, ClientList> {
    return this.#ofStreams
  }

  /** A client has begun or ended something, has asked for something else, or has left. */
  update(client: Client): void {
    const before = this.#standings.get(client)
    const now = standingOf(client)
    if (before !== undefined) {
      this.#count(before, -1)
    }
    if (now === null) {
      this.#standings.delete(client)
    } else {
      this.#standings.set(client, now)
      this.#count(now, 1)
    }
    if (before?.key === now?.key) {
      return
    }
    if (before !== undefined) {
      this.#leaveStream(client, before.key)
    }
    if (now !== null) {
      const list = this.#ofStreams.get(now.key) ?? new ClientList()
      this.#ofStreams.set(now.key, list)
      list.add(client)
    }
    if (before === undefined) {
      this.all.add(client)
    } else if (now === null) {
      this.all.remove(client)
    }
  }

  #leaveStream(client: Client, key: string): void {
    const list = this.#ofStreams.get(key)
    list?.remove(client)
    if (list?.length === 0) {
      this.#ofStreams.delete(key)
    }
  }

  #count({ publishes, plays }: Standing, by: 1 | -1): void {
    this.#publishers += publishes ? by : 0
    this.#players += plays ? by : 0
  }
}

/** Null if it does nothing at the moment. */
function standingOf({ activities, request }: Client): Standing | null {
  let publishes = false
  let plays = false
  for (const { role, stop } of activities) {
    publishes ||= stop !== null && role === 'publisher'
    plays ||= stop !== null && role === 'player'
  }
  return publishes || plays ? { key: streamKey(request.name), publishes, plays } : null
}
