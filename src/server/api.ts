import type { Clock, Logger, ServerIdentity } from '../base/index.ts'
import {
  ABOUT_ENDPOINTS,
  Api,
  ApiAccess,
  type ApiAccessState,
  type ApiAnswer,
  clientEndpoints,
  clusterEndpoints,
  describeClientEvent,
  type Endpoint,
  EventFeed,
  listEndpoints,
  loadApiCredentials,
  openApiEndpoint,
  portsEndpoint,
  publishedStreams,
  type Refusals,
  ReloadControl,
  type ResolvedApiAccess,
  type ResolvedVhost,
  refusalEndpoints,
  reloadEndpoints,
  rootEndpoint,
  type ServerPorts,
  type ServerSettings,
  StreamIds,
  StreamWriter,
  streamEndpoints,
  TrafficStatistics,
  testEndpoints,
  VERSIONS_ENDPOINT,
  vhostEndpoints,
  writeEntries,
} from '../control/index.ts'
import { type HttpRequest, HttpRouter } from '../http/index.ts'
import type { ClientDirectory, Refusal, StreamRegistry, StreamRequest, Vhosts } from '../live/index.ts'
import { type ApiListening, apiListening, openApiAddresses } from './api-listening.ts'
import type { Listeners } from './listeners.ts'
import { mediaPortApart, portsOf } from './server-address.ts'
import type { ServerEvents } from './server-events.ts'
import { hasApi, type WantedListener } from './wanted-listeners.ts'

/** What the API of a server shows. */
export type ServerApiSetup = Readonly<{
  /** Which server this is. */
  identity: ServerIdentity
  registry: StreamRegistry
  clients: ClientDirectory
  vhosts: Vhosts<ResolvedVhost>
  refusals: Refusals
  /** Rows of others. */
  more: readonly Endpoint[]
  clock: Clock
  /** Told when the API is open to other machines. */
  logger: Logger
  /** Whether limits of an address don't apply to one. */
  trusts: (address: string) => boolean
  /** What is listened on. */
  listeners: () => Listeners
  /** What the server is made with; `prepare` gives it another. */
  settings: ServerSettings
}>

/** What a server is by its settings, as far as the API goes. */
export type ApiState = Readonly<{
  settings: ServerSettings
  apiAccess: ResolvedApiAccess
  listeners: readonly WantedListener[]
}>

/** The API of a server: the table of all endpoints, and where they are answered. */
export class ServerApi {
  /** What listeners for the API serve. */
  readonly router: HttpRouter = new HttpRouter()
  /** What those have besides that have nothing but the API. */
  readonly ownRouter: HttpRouter = new HttpRouter()
  /** Whatever the API has, without a password: for a door that only the user who runs the server can open. */
  readonly doorRouter: HttpRouter = new HttpRouter()
  /** Ids of streams, as the API says them. */
  readonly ids: StreamIds
  /** Reloads the configuration, if the server has one. */
  readonly reloadControl: ReloadControl = new ReloadControl()
  readonly #setup: ServerApiSetup
  readonly #access: ApiAccess
  readonly #feed: EventFeed
  #listening: ApiListening
  /** The `socketKey` of each listener that has the API. */
  #sockets: readonly string[] = []

  /** Puts the table together. Nobody is let in before a state is prepared and in force. */
  constructor(setup: ServerApiSetup) {
    const { registry, clients, vhosts, refusals, clock, trusts, settings } = setup
    this.#setup = setup
    this.#listening = apiListening(settings)
    const ids = new StreamIds(setup.identity)
    const traffic = new TrafficStatistics(registry, clock)
    const description = { ids, traffic, clock }
    this.ids = ids
    this.#access = new ApiAccess({ clock, trusts, own: () => this.#ownPages() })
    const writer = new StreamWriter(description)
    this.#feed = new EventFeed({
      writeStreams: (json) =>
        writeEntries(json, publishedStreams(registry), (text, stream) => writer.write(text, stream)),
      ports: (secure) => this.#ports(secure),
      trusts,
    })
    registry.on('opened', () => this.#feed.changed())
    registry.on('ended', () => this.#feed.changed())
    const endpoints: readonly Endpoint[] = [
      ...listEndpoints(() => endpoints),
      VERSIONS_ENDPOINT,
      ...ABOUT_ENDPOINTS,
      ...testEndpoints(
        () => endpoints,
        () => clock.wallTime(),
      ),
      ...vhostEndpoints({ vhosts, registry, clients, ids, traffic }),
      ...streamEndpoints({ ...description, registry, writer }),
      ...clientEndpoints({ clients, ids }),
      ...reloadEndpoints({
        control: this.reloadControl,
        access: this.#access,
        listener: () => this.#listening.shown,
      }),
      ...clusterEndpoints({ registry, rtmpPort: () => this.#ports(false).rtmp_port }),
      portsEndpoint((secure) => this.#ports(secure)),
      ...refusalEndpoints(refusals),
      ...setup.more,
      this.#feed.endpoint,
      openApiEndpoint(() => [root, ...endpoints]),
    ]
    const root = rootEndpoint(() => this.#listening.hasPage)
    const guard = this.#access.refuse.bind(this.#access)
    const api = new Api({ identity: setup.identity, endpoints })
    api.mount(this.router, guard)
    api.mount(this.doorRouter, null)
    new Api({ identity: setup.identity, endpoints: [root] }).mount(this.ownRouter, guard)
  }

  /**
   * Adds what SRS answers on listeners of streams, too.
   * @param media serves the streams
   */
  mountPublic(media: HttpRouter): void {
    const endpoints = [{ ...VERSIONS_ENDPOINT, isPublic: true }]
    const api = new Api({ identity: this.#setup.identity, endpoints })
    api.mount(media, this.#access.refuse.bind(this.#access))
  }

  /** The answer to an address that asks too often, the API or what is beside it; null lets the request pass. */
  refuseFlood(request: HttpRequest): ApiAnswer | null {
    return this.#access.refuseFlood(request)
  }

  /**
   * Reads what settings say of the API with the file that they name; what can fail is done here.
   * @returns puts it in force
   * @throws ServerError ERR_CONFIGURATION that says what can't be used
   */
  async prepare({ settings, apiAccess, listeners }: ApiState): Promise<() => void> {
    const credentials = await loadApiCredentials(apiAccess, this.#setup.logger)
    const listening = apiListening(settings)
    const { isImplied, crossOrigin } = listening
    const access: ApiAccessState = { options: apiAccess, credentials, isImplied, crossOrigin }
    return () => {
      this.#listening = listening
      this.#access.use(access)
      const sockets = listeners.filter(hasApi).map(({ socketKey }) => socketKey)
      // Of a listener that is no more, nobody may hear on; the others come back at once.
      const areAllThere = this.#sockets.every((key) => sockets.includes(key))
      this.#sockets = sockets
      this.#feed.dismiss((request) => areAllThere && this.#access.mayGoOn(request))
      const open = credentials.exist ? [] : openApiAddresses(listeners)
      if (open.length > 0) {
        this.#setup.logger.warn(
          { addresses: open },
          'the API is open to whoever reaches it: give it a password (http_api.auth) or tokens, or listen on 127.0.0.1',
        )
      }
    }
  }

  /** Tells listeners what has happened, and to whom. */
  tell(event: keyof ServerEvents, subject: StreamRequest | Refusal): void {
    this.#feed.changed()
    if ('request' in subject) {
      this.#feed.tell('refusal', () => this.#setup.refusals.latest ?? {})
    } else {
      this.#feed.tell('client', () => describeClientEvent(event, subject))
    }
  }

  #ports(secure: boolean): ServerPorts {
    const listeners = this.#setup.listeners()
    return {
      rtmp_port: listeners.addressOf('rtmp')?.port ?? null,
      rtmps_port: listeners.addressOf('rtmps')?.port ?? null,
      media_port: mediaPortApart(listeners, secure),
    }
  }

  #ownPages(): { ports: ReadonlySet<number>; hosts: readonly string[] } {
    const { listeners, vhosts } = this.#setup
    return { ports: portsOf(listeners()), hosts: vhosts.all.map(({ name }) => name) }
  }
}
