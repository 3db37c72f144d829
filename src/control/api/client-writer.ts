import type { SlicedText } from '../../base/index.ts'
import type { Client, ClientActivity, ClientDirectory } from '../../live/index.ts'
import { hundredthsAlive, identifyClient } from './client-details.ts'
import type { StreamIds } from './stream-ids.ts'

/** So long after somebody has asked for clients last their texts are kept, ms. */
export const KEPT_TEXTS_MS = 60_000

/** What never changes of a client, as JSON without its end, as long as `newest` is what it asked for last. */
type KnownText = Readonly<{ newest: ClientActivity; text: string; isAscii: boolean }>

/**
 * Writes clients as the JSON of `describeClient`, to the character. Who polls asks for thousands of them every second, of which only
 * counters have changed, so the rest is made once: some 300 characters of each client, from the first list that it is in until it
 * leaves, or nobody has asked for a while. What thousands of clients cost is less what is done with them than the way to it in
 * memory: so texts stand by the place of their client, and nothing is made in between.
 */
export class ClientWriter {
  readonly #ids: StreamIds
  /** By `Client.place`. */
  #known: (KnownText | undefined)[] = []
  #forgetting: NodeJS.Timeout | null = null

  /** Keeps nothing before the first list. */
  constructor(clients: ClientDirectory, ids: StreamIds) {
    this.#ids = ids
    clients.on('removed', ({ place }) => {
      if (this.#known[place] !== undefined) {
        this.#known[place] = undefined
      }
    })
  }

  /** Clients whose texts are kept. */
  get size(): number {
    return this.#known.filter((known) => known !== undefined).length
  }

  /** Writes a client as of now. */
  write(json: SlicedText, client: Client): void {
    const { newest, text, isAscii } = this.#textOf(client)
    if (isAscii) {
      json.ascii(text)
    } else {
      json.write(text)
    }
    json
      .write(',"alive":')
      .hundredths(hundredthsAlive(client))
      .write(',"send_bytes":')
      .number(client.bytesSent)
      .write(',"recv_bytes":')
      .number(client.bytesReceived)
      .write(',"kbps":{"recv_30s":')
      .number(client.receivedKbps)
      .write(',"send_30s":')
      .number(client.sentKbps)
      .write('},"protocol":"')
      .write(newest.request.client.protocol)
      .write('","lag_ms":')
      .number(Math.round(client.lagMs))
      .write(',"skips":')
      .number(client.skips)
      .write('}')
  }

  /** Keeps what it has for another while: to be called for each list. */
  keep(): void {
    this.#forgetting ??= setTimeout(() => {
      this.#forgetting = null
      this.#known = []
    }, KEPT_TEXTS_MS).unref()
    this.#forgetting.refresh()
  }

  #textOf(client: Client): KnownText {
    const { newest, place } = client
    const known = this.#known[place]
    if (known?.newest === newest) {
      return known
    }
    const text = JSON.stringify(identifyClient(client, this.#ids)).slice(0, -1)
    const made = { newest, text, isAscii: Buffer.byteLength(text) === text.length }
    // One that left while the list was made would stay for ever, in the place of another.
    if (!client.gone) {
      this.#known[place] = made
    }
    return made
  }
}
