import type { Clock, ServerIdentity } from '../base/index.ts'
import {
  Api,
  type Endpoint,
  EventFeed,
  listEndpoints,
  publishedStreams,
  type Refusals,
  refusalEndpoints,
  type ServerPorts,
  StreamDescriber,
  streamEndpoints,
} from '../control/index.ts'
import { HttpRouter } from '../http/index.ts'
import type { StreamRegistry } from '../live/index.ts'

/** What the API of a server shows. */
export type ServerApiSetup = Readonly<{
  /** Which server this is. */
  identity: ServerIdentity
  registry: StreamRegistry
  refusals: Refusals
  clock: Clock
  /** Whether limits of an address don't apply to one. */
  trusts: (address: string) => boolean
  /** The ports, for who came by HTTPS (`secure`) or by HTTP. */
  ports: (secure: boolean) => ServerPorts
}>

/** The API of a server: the table of all endpoints, and where they are answered. */
export class ServerApi {
  /** What listeners serve. */
  readonly router: HttpRouter = new HttpRouter()
  readonly #feed: EventFeed

  /** Puts the table together. */
  constructor({ identity, registry, refusals, clock, trusts, ports }: ServerApiSetup) {
    const describer = new StreamDescriber(clock, identity)
    this.#feed = new EventFeed({
      streams: () => publishedStreams(registry).map((stream) => describer.describe(stream)),
      ports,
      trusts,
    })
    registry.on('opened', () => this.changed())
    registry.on('ended', () => this.changed())
    const endpoints: readonly Endpoint[] = [
      ...listEndpoints(() => endpoints),
      ...streamEndpoints({ registry, describer }),
      ...refusalEndpoints(refusals),
      this.#feed.endpoint,
    ]
    new Api({ identity, endpoints }).mount(this.router)
  }

  /** Tells listeners that something changed: a publisher or player came or went. */
  changed(): void {
    this.#feed.changed()
  }
}
