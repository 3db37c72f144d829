import type { SlicedText } from '../../base/index.ts'
import type { Client, ClientActivity, ClientDirectory } from '../../live/index.ts'
import { identifyClient } from './client-details.ts'
import type { StreamIds } from './stream-ids.ts'

/** So long after somebody has asked for clients last their texts are kept, ms. */
export const KEPT_TEXTS_MS = 60_000

/** What never changes of a client, as JSON, as long as `newest` is what it asked for last. */
type KnownTexts = Readonly<{
  newest: ClientActivity
  /** Up to `alive`. */
  identity: Uint8Array
  /** From behind `kbps` up to `lag_ms`; of all with one protocol the same. */
  protocol: Uint8Array
}>

const utf8 = new TextEncoder()
const SEND_BYTES = utf8.encode(',"send_bytes":')
const RECV_BYTES = utf8.encode(',"recv_bytes":')
const RECV_30S = utf8.encode(',"kbps":{"recv_30s":')
const SEND_30S = utf8.encode(',"send_30s":')
const SKIPS = utf8.encode(',"skips":')
const END = utf8.encode('}')

/**
 * Writes clients as the JSON of `describeClient`, to the character. Who polls asks for thousands of them every second, of which only
 * counters have changed, so the rest is made once: some 300 characters of each client, from the first list that it is in until it
 * leaves, or nobody has asked for a while. What thousands of clients cost is less what is done with them than the way to it in
 * memory: so texts stand by the place of their client, and nothing is made in between.
 */
export class ClientWriter {
  readonly #clients: ClientDirectory
  readonly #ids: StreamIds
  readonly #protocols = new Map<string, Uint8Array>()
  /** By `Client.place`. */
  #known: (KnownTexts | undefined)[] = []
  #forgetting: NodeJS.Timeout | null = null

  /** Keeps nothing before the first list. */
  constructor(clients: ClientDirectory, ids: StreamIds) {
    this.#clients = clients
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
    const { identity, protocol } = this.#textsOf(client)
    const { now } = this.#clients
    json
      .bytes(identity)
      .hundredths(Math.round(client.aliveMsAt(now) / 10))
      .bytes(SEND_BYTES)
      .number(client.bytesSent)
      .bytes(RECV_BYTES)
      .number(client.bytesReceived)
      .bytes(RECV_30S)
      .number(client.receivedKbpsAt(now))
      .bytes(SEND_30S)
      .number(client.sentKbpsAt(now))
      .bytes(protocol)
      .number(Math.round(client.lagMs))
      .bytes(SKIPS)
      .number(client.skips)
      .bytes(END)
  }

  /** Keeps what it has for another while: to be called for each list. */
  keep(): void {
    this.#forgetting ??= setTimeout(() => {
      this.#forgetting = null
      this.#known = []
    }, KEPT_TEXTS_MS).unref()
    this.#forgetting.refresh()
  }

  #textsOf(client: Client): KnownTexts {
    const { newest, place } = client
    const known = this.#known[place]
    if (known?.newest === newest) {
      return known
    }
    const identity = `${JSON.stringify(identifyClient(client, this.#ids)).slice(0, -1)},"alive":`
    // Of Node's pool: what one list has made stands side by side.
    const made = {
      newest,
      identity: Buffer.from(identity),
      protocol: this.#protocolOf(newest.request.client.protocol),
    }
    // One that left while the list was made would stay for ever, in the place of another.
    if (!client.gone) {
      this.#known[place] = made
    }
    return made
  }

  #protocolOf(protocol: string): Uint8Array {
    const text = this.#protocols.get(protocol) ?? utf8.encode(`},"protocol":"${protocol}","lag_ms":`)
    this.#protocols.set(protocol, text)
    return text
  }
}
