import type { SlicedText } from '../../base/index.ts'
import type { Client, ClientDirectory, ClientRole, StreamRequest } from '../../live/index.ts'
import { identifyClient } from './client-details.ts'
import { formatFloat } from './float.ts'
import type { StreamIds } from './stream-ids.ts'

/** So long after somebody has asked for clients last their texts are kept, ms. */
export const KEPT_TEXTS_MS = 60_000

/** What never changes of a client, as JSON without its end; of another request or role it is another text. */
type KnownText = Readonly<{ request: StreamRequest; role: ClientRole; text: string }>

/**
 * Writes clients as the JSON of `describeClient`, to the character. Who polls asks for thousands of them every second, of which only
 * counters have changed, so the rest is made once: some 300 characters of each client, from the first list that it is in until it
 * leaves, or nobody has asked for a while.
 */
export class ClientWriter {
  readonly #ids: StreamIds
  readonly #known = new Map<Client, KnownText>()
  #forgetting: NodeJS.Timeout | null = null

  /** Keeps nothing before the first list. */
  constructor(clients: ClientDirectory, ids: StreamIds) {
    this.#ids = ids
    clients.on('removed', (client) => this.#known.delete(client))
  }

  /** Clients whose texts are kept. */
  get size(): number {
    return this.#known.size
  }

  /** Writes a client as of now. */
  write(json: SlicedText, client: Client): void {
    const { receivedKbps, sentKbps } = client.rates
    json
      .write(this.#textOf(client))
      .write(',"alive":')
      .write(formatFloat(client.aliveMs / 1000))
      .write(',"send_bytes":')
      .number(client.bytesSent)
      .write(',"recv_bytes":')
      .number(client.bytesReceived)
      .write(',"kbps":{"recv_30s":')
      .number(receivedKbps)
      .write(',"send_30s":')
      .number(sentKbps)
      .write('},"protocol":"')
      .write(client.request.client.protocol)
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
      this.#known.clear()
    }, KEPT_TEXTS_MS).unref()
    this.#forgetting.refresh()
  }

  #textOf(client: Client): string {
    const { request, role } = client
    const known = this.#known.get(client)
    if (known?.request === request && known.role === role) {
      return known.text
    }
    const text = JSON.stringify(identifyClient(client, this.#ids)).slice(0, -1)
    // One that left while the list was made would stay for ever.
    if (!client.gone) {
      this.#known.set(client, { request, role, text })
    }
    return text
  }
}
