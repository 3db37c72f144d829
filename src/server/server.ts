import { EventEmitter } from 'node:events'
import {
  type Clock,
  createRelayId,
  createServerIdentity,
  type Logger,
  PithyLogger,
  type ServerIdentity,
  silentLogger,
  systemClock,
} from '../base/index.ts'
import {
  type ReloadSource,
  type ResolvedVhost,
  relayEndpoints,
  type ServerSettings,
} from '../control/index.ts'
import { HlsRoutes, serveFlv } from '../delivery/index.ts'
import { HttpRouter, HttpServer } from '../http/index.ts'
import { FileSource, type FileSourceOptions } from '../ingest/index.ts'
import {
  type ClientDirectory,
  type Frame,
  type FramesOptions,
  LiveService,
  type RelayStatus,
  type Stream,
  type StreamEvents,
  StreamRegistry,
  Vhosts,
} from '../live/index.ts'
import { type BoundAddress, ConnectionLimits } from '../net/index.ts'
import { ServerAccess } from './access.ts'
import { ProgramAdmission } from './admission.ts'
import { ServerApi } from './api.ts'
import { Certificates } from './certificates.ts'
import { Edge } from './edge.ts'
import { ServerForward } from './forward.ts'
import { ServerHooks } from './hooks.ts'
import { libraryFrames } from './library-frames.ts'
import { Listeners } from './listeners.ts'
import { Monitoring } from './monitoring.ts'
import { openListener, siteOf } from './open-listener.ts'
import { type ServerOptions, settingsOf } from './options.ts'
import { Reloader, type ReloadPlan, serverStateOf } from './reload/index.ts'
import type { RtmpServerOptions } from './rtmp-options.ts'
import { RtmpServer } from './rtmp-server.ts'
import { describeListener, heartbeatPorts, type ServerAddress, urlOf } from './server-address.ts'
import type { ReconnectOptions, ServerEvents } from './server-events.ts'
import { tellAll } from './tell-all.ts'
import { nameStream } from './vhosts.ts'
import type { WantedListener } from './wanted-listeners.ts'

/** A live server. Made by `createServer`; any number of them can run in one process. */
export class Server extends EventEmitter<ServerEvents> {
  /** Which server this is, as the API and hooks say it. */
  readonly identity: ServerIdentity
  readonly #logger: Logger
  readonly #clock: Clock
  readonly #vhosts: Vhosts<ResolvedVhost>
  readonly #registry: StreamRegistry
  readonly #live: LiveService
  readonly #rtmp: RtmpServer
  readonly #rtmps: RtmpServer
  readonly #http: HttpServer
  readonly #listeners: Listeners
  readonly #hls: HlsRoutes
  readonly #api: ServerApi
  readonly #monitoring: Monitoring
  readonly #edge: Edge
  readonly #files = new Map<FileSource, Promise<void>>()
  readonly #hooks: ServerHooks
  readonly #access: ServerAccess
  readonly #forward: ServerForward
  readonly #reloader: Reloader
  #lastClientId = 0
  #closing: Promise<void> | null = null

  /** Use `createServer`. */
  constructor(options: ServerOptions) {
    super()
    this.#clock = options.clock ?? systemClock
    this.#logger = new PithyLogger(options.logger ?? silentLogger, this.#clock)
    const state = serverStateOf(settingsOf(options), this.#logger)
    this.identity = createServerIdentity(state.settings.serverId)
    this.#vhosts = new Vhosts(state.vhosts)
    this.#registry = new StreamRegistry({
      vhosts: this.#vhosts,
      maxStreams: state.maxStreams,
      clock: this.#clock,
      logger: this.#logger,
    })
    this.#hooks = new ServerHooks({
      identity: this.identity,
      vhosts: this.#vhosts,
      clock: this.#clock,
      logger: this.#logger,
    })
    const relayId = createRelayId()
    this.#forward = new ServerForward({
      registry: this.#registry,
      vhosts: this.#vhosts,
      clock: this.#clock,
      logger: this.#logger,
      relayId,
      hooks: this.#hooks,
    })
    this.#access = new ServerAccess({
      clock: this.#clock,
      logger: this.#logger,
      registry: this.#registry,
      vhosts: this.#vhosts,
      program: new ProgramAdmission(options.onPublish, options.onPlay),
      hooks: this.#hooks.admission,
      forward: this.#forward.admission,
    })
    this.#live = new LiveService({
      registry: this.#registry,
      admission: this.#access.admission,
      events: tellAll([this.#hooks.events, this.#forward.events, this.#streamEvents()]),
      logger: this.#logger,
      relayId,
      clock: this.#clock,
    })
    const limits = new ConnectionLimits(state.limits, this.#clock)
    this.#rtmp = this.#createRtmpServer(state.rtmp, limits)
    this.#rtmps = this.#createRtmpServer(state.rtmps, limits)
    this.#http = new HttpServer({ logger: this.#logger, limits })
    const common = {
      http: new HttpRouter(),
      live: this.#live,
      vhosts: this.#vhosts,
      logger: this.#logger,
      clock: this.#clock,
      nextClientId: () => this.#nextClientId(),
    }
    serveFlv(common)
    const { trusts } = limits
    this.#hls = new HlsRoutes({ ...common, trusts })
    const { refusals } = this.#access
    this.#monitoring = new Monitoring(
      {
        identity: this.identity,
        live: this.#live,
        refusals,
        limits,
        hooks: this.#hooks,
        ports: () => heartbeatPorts(this.#listeners),
        logger: this.#logger,
        relays: () => [...this.#forward.service.relays, ...this.#edge.relays],
        clock: this.#clock,
      },
      state,
    )
    this.#api = new ServerApi({
      identity: this.identity,
      registry: this.#registry,
      clients: this.#live.clients,
      vhosts: this.#vhosts,
      refusals,
      more: [...this.#monitoring.endpoints, ...relayEndpoints(() => this.relays)],
      clock: this.#clock,
      logger: this.#logger,
      trusts,
      listeners: () => this.#listeners,
      settings: state.settings,
    })
    this.#api.mountPublic(common.http)
    const routers = {
      media: common.http,
      api: this.#api.router,
      ownApi: this.#api.ownRouter,
      exporter: this.#monitoring.router,
    }
    const owners = {
      rtmp: this.#rtmp,
      rtmps: this.#rtmps,
      http: this.#http,
      siteOf: (wanted: WantedListener) => siteOf(wanted, this.#reloader.settings, routers),
    }
    this.#listeners = new Listeners(
      (wanted, credentials) => openListener(owners, wanted, credentials),
      this.#logger,
    )
    this.#edge = new Edge(common)
    const parts = {
      edge: this.#edge,
      monitoring: this.#monitoring,
      listeners: this.#listeners,
      certificates: new Certificates(this.#logger, this.#clock),
      access: this.#access,
      hooks: this.#hooks,
      api: this.#api,
      limits,
      vhosts: this.#vhosts,
      registry: this.#registry,
      hls: this.#hls,
      forward: this.#forward.service,
      rtmp: this.#rtmp,
      rtmps: this.#rtmps,
      logger: this.#logger,
    }
    this.#reloader = new Reloader(parts, state)
  }

  /** Everything that is listened on: TCP addresses and Unix sockets, in the order of the settings. */
  get addresses(): ServerAddress[] {
    return this.#listeners.running.map(describeListener)
  }

  /** The first TCP address on which RTMP is listened for; null if there is none. */
  get rtmpAddress(): BoundAddress | null {
    return this.#listeners.addressOf('rtmp')
  }

  /** The first TCP address on which RTMPS is listened for; null if there is none. */
  get rtmpsAddress(): BoundAddress | null {
    return this.#listeners.addressOf('rtmps')
  }

  /** The first TCP address on which HTTP is listened for; null if there is none. */
  get httpAddress(): BoundAddress | null {
    return this.#listeners.addressOf('http')
  }

  /** The first TCP address on which HTTPS is listened for; null if there is none. */
  get httpsAddress(): BoundAddress | null {
    return this.#listeners.addressOf('https')
  }

  /** The first TCP address at which the API answers in HTTP; null if there is none. */
  get apiAddress(): BoundAddress | null {
    return this.#listeners.addressOf('api')
  }

  /** `rtmp://host:port`, to be followed by `/app/stream`; the host is one this machine can connect to. */
  get rtmpUrl(): string {
    return urlOf('rtmp', this.rtmpAddress)
  }

  /** `rtmps://host:port`, to be followed by `/app/stream`; clients may want the certificate's name in place of the host. */
  get rtmpsUrl(): string {
    return urlOf('rtmps', this.rtmpsAddress)
  }

  /** `http://host:port`, to be followed by a path; the host is one this machine can connect to. */
  get httpUrl(): string {
    return urlOf('http', this.httpAddress)
  }

  /** `https://host:port`, to be followed by a path; clients may want the certificate's name in place of the host. */
  get httpsUrl(): string {
    return urlOf('https', this.httpsAddress)
  }

  /** Streams on their way to and from other servers, over connections that this server opens: forward and edge. */
  get relays(): RelayStatus[] {
    return [...this.#forward.service.relays, ...this.#edge.relays]
  }

  /** The streams there are: published, or waited for by players. */
  get streams(): Stream[] {
    return this.#registry.streams
  }

  /**
   * The stream called `path`, e.g. 'live/demo', or '//example.com/live/demo' in a virtual host; undefined if nobody publishes or
   * awaits it.
   */
  stream(path: string): Stream | undefined {
    return this.#registry.get(nameStream(this.#vhosts, path))
  }

  /** Everybody who publishes or plays, or asks to, by whatever protocol; `kick(id, reason)` disconnects one. */
  get clients(): ClientDirectory {
    return this.#live.clients
  }

  /** RTMP and RTMPS connections at present. */
  get rtmpConnections(): number {
    return this.#rtmp.connections + this.#rtmps.connections
  }

  /**
   * Frames encoded for a stream so far, by wire format: once each however many players there are, none without players.
   * Keys are 'rtmp/...', 'flv', 'ws-flv' and 'hls'.
   */
  framesEncoded(path: string): Record<string, number> {
    const stream = this.stream(path)
    if (stream === undefined) {
      return {}
    }
    const counts = [...stream.formatCounters].map(([key, { framesEncoded }]) => [key, framesEncoded] as const)
    return { ...Object.fromEntries(counts), hls: this.#hls.framesMuxed(stream) }
  }

  /**
   * A stream's frames, for a program: metadata and sequence headers, the newest GOP, then live, until the stream ends.
   * Waits for a publisher if there is none, counts as a player, and is not asked of `onPlay`.
   * @param path e.g. 'live/demo', or '//example.com/live/demo' in a virtual host
   * @throws RejectedError if there is no such virtual host, or it is switched off
   */
  async *frames(path: string, options: FramesOptions = {}): AsyncGenerator<Frame, void, undefined> {
    yield* libraryFrames(this.#live, nameStream(this.#vhosts, path), this.#nextClientId(), options)
  }

  /**
   * Publishes an FLV file in real time, in this process. Resolves when it is being published; it goes on until the file
   * ends (`loop: false`), `stop` is called or the server closes.
   * @param path the stream, e.g. 'live/demo', or '//example.com/live/demo' in a virtual host
   * @returns stops it
   * @throws ServerError ERR_MEDIA_FILE if the file can't be played, RejectedError if the stream is refused
   */
  async publishFile(path: string, file: Omit<FileSourceOptions, 'name'>): Promise<() => Promise<void>> {
    const name = nameStream(this.#vhosts, path)
    const tcUrl = this.rtmpAddress === null ? undefined : `${this.rtmpUrl}/${name.app}`
    const options = { ...(tcUrl === undefined ? {} : { tcUrl }), ...file, name }
    const source = new FileSource(this.#live, options, this.#clock)
    const started = await source.start()
    const ended = started.ended.catch((error: unknown) =>
      this.#logger.error({ error, path }, 'the file source failed'),
    )
    this.#files.set(source, ended)
    void ended.then(() => this.#files.delete(source))
    return async () => {
      source.stop()
      await ended
    }
  }

  /**
   * Asks RTMP clients to connect anew (Enhanced RTMP v2, Reconnect Request), e.g. before this server is closed for an update.
   * They go on here until they have connected there; who did not announce that it follows such requests is not asked.
   * @returns how many clients were asked
   */
  requestReconnect({ tcUrl, description }: ReconnectOptions = {}): number {
    let asked = 0
    for (const server of [this.#rtmp, this.#rtmps]) {
      asked += server.requestReconnect(tcUrl, description ?? 'The server asks to reconnect.')
    }
    return asked
  }

  /** Starts the listeners, all or none; called by `createServer`. */
  async listen(): Promise<void> {
    try {
      await this.#hooks.start(this.#reloader.hookDelivery)
      await this.#reloader.start()
    } catch (error) {
      await this.close()
      throw error
    }
  }

  /** What the API answers, without a password: for a door that only the user who runs the server can open. */
  get doorRouter(): HttpRouter {
    return this.#api.doorRouter
  }

  /** Lets the API reload the configuration. @param source who reads it; without one, nothing can be reloaded there */
  useReloadSource(source: ReloadSource): void {
    this.#api.reloadControl.use(source)
  }

  /** The settings in force. */
  get settings(): ServerSettings {
    return this.#reloader.settings
  }

  /**
   * What `reload` would do with these settings; nothing is changed. Everything is checked but whether new addresses are free.
   * @throws ServerError ERR_CERTIFICATE or ERR_CONFIGURATION if they can't be used
   */
  planReload(settings: ServerSettings): Promise<ReloadPlan> {
    return this.#reloader.plan(settingsOf(settings))
  }

  /**
   * Goes over to other settings while the server runs, as one: what can fail is done before anything changes. Nobody is
   * disconnected but those that the plan names. Files are read again: certificates and keys. Functions, logger and clock stay.
   * @returns what was done
   * @throws ServerError ERR_LISTEN, ERR_CERTIFICATE or ERR_CONFIGURATION; then everything is as it was, and the log says why
   */
  reload(settings: ServerSettings): Promise<ReloadPlan> {
    return this.#reloader.reload(settingsOf(settings))
  }

  /**
   * Reads the certificates and keys of `rtmps` and `https` from their files again, and uses them for connections that come
   * from now on; those there are live on. If one of them can't be used, nothing is changed.
   * @throws ServerError ERR_CERTIFICATE that says which file and why; it is logged as well
   */
  reloadCertificates(): Promise<void> {
    return this.#reloader.reloadCertificates()
  }

  /** Takes no more connections: the ports are freed, those connected stay. `close` ends the rest. Idempotent. */
  stopListening(): void {
    this.#listeners.stop()
  }

  /** Stops everything: listeners, connections, streams, timers. Resolves when all is gone. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    for (const source of this.#files.keys()) {
      source.stop()
    }
    const reloaded = this.#reloader.close()
    this.#listeners.stop()
    this.#hls.close()
    this.#registry.close()
    this.#access.close()
    this.#monitoring.close()
    this.#rtmp.close()
    this.#rtmps.close()
    await reloaded
    await Promise.all([
      this.#http.close(),
      this.#listeners.close(),
      this.#forward.service.close(),
      this.#edge.close(),
      ...this.#files.values(),
    ])
    await this.#hooks.close()
  }

  #nextClientId(): string {
    return `c${++this.#lastClientId}`
  }

  #createRtmpServer(options: RtmpServerOptions, limits: ConnectionLimits): RtmpServer {
    return new RtmpServer({
      live: this.#live,
      vhosts: this.#vhosts,
      logger: this.#logger,
      limits,
      options,
      nextClientId: () => this.#nextClientId(),
    })
  }

  #streamEvents(): StreamEvents {
    return {
      onPublish: async (request) => this.#tell('publish', request),
      onUnpublish: async (request, reason) => this.#tell('unpublish', request, reason),
      onPlay: async (request) => this.#tell('play', request),
      onStop: async (request, reason) => this.#tell('stop', request, reason),
      onRefused: async (refusal) => {
        this.#access.refusals.add(refusal)
        this.#tell('refused', refusal)
      },
      onClose: async () => {},
    }
  }

  #tell<K extends keyof ServerEvents>(event: K, ...args: ServerEvents[K]): void {
    this.#api.tell(event, args[0])
    // The mapped tuple type is right by construction; EventEmitter's own signature can't see that for a generic key.
    ;(this.emit as (event: K, ...args: ServerEvents[K]) => boolean).call(this, event, ...args)
  }
}

/**
 * Starts a live server and resolves when it listens.
 * @throws ServerError ERR_LISTEN if an address can't be had, ERR_CERTIFICATE if a certificate can't be used,
 * ERR_CONFIGURATION if an option can't be used
 */
export async function createServer(options: ServerOptions): Promise<Server> {
  const server = new Server(options)
  await server.listen()
  return server
}
