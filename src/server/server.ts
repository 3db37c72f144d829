import { EventEmitter } from 'node:events'
import {
  type Clock,
  type Logger,
  PithyLogger,
  ServerError,
  silentLogger,
  systemClock,
} from '../base/index.ts'
import { ApiRoutes, type ResolvedVhost, type RtmpListenOptions, resolveVhosts } from '../control/index.ts'
import { defaultRtmpPlayOptions, HlsRoutes, serveFlv } from '../delivery/index.ts'
import { HttpRouter, HttpServer } from '../http/index.ts'
import { FileSource, type FileSourceOptions } from '../ingest/index.ts'
import {
  type EndReason,
  type Frame,
  FrameQueue,
  type FramesOptions,
  LiveService,
  type Refusal,
  type Stream,
  type StreamEvents,
  StreamRegistry,
  type StreamRequest,
  Vhosts,
} from '../live/index.ts'
import {
  type BoundAddress,
  type ConnectionLimitOptions,
  ConnectionLimits,
  connectableHost,
  defaultConnectionLimits,
} from '../net/index.ts'
import { ServerAccess } from './access.ts'
import { ProgramAdmission } from './admission.ts'
import { Certificates } from './certificates.ts'
import { Listeners } from './listeners.ts'
import { allowedConnections } from './open-files.ts'
import { openListener, siteOf } from './open-listener.ts'
import { DEFAULT_MAX_RTMP_CONNECTIONS, readSessionOptions, type ServerOptions } from './options.ts'
import { RtmpServer } from './rtmp-server.ts'
import { describeListener, type ServerAddress } from './server-address.ts'
import { nameStream } from './vhosts.ts'
import { type WantedListener, wantedListeners } from './wanted-listeners.ts'

/** Events of a server, with what their listeners get. */
export type ServerEvents = {
  /** A publisher was admitted and begins. */
  publish: [request: StreamRequest]
  /** A publisher that had begun is gone. */
  unpublish: [request: StreamRequest, reason: EndReason]
  /** A player was admitted and begins. */
  play: [request: StreamRequest]
  /** A player that had begun is gone. */
  stop: [request: StreamRequest, reason: EndReason]
  /** A publisher or player was not let in. */
  refused: [refusal: Refusal]
}

/** What RTMP clients are told that are asked to connect anew. */
export type ReconnectOptions = Readonly<{
  /** Where to, absolute or relative to the client's present one; default: the present one. */
  tcUrl?: string
  /** Why, for people. */
  description?: string
}>

/** A live server. Made by `createServer`; any number of them can run in one process. */
export class Server extends EventEmitter<ServerEvents> {
  readonly #options: ServerOptions
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
  readonly #api: ApiRoutes
  readonly #files = new Map<FileSource, Promise<void>>()
  readonly #certificates: Certificates
  readonly #limits: ConnectionLimits
  readonly #access: ServerAccess
  #lastClientId = 0
  #closing: Promise<void> | null = null

  /** Use `createServer`. */
  constructor(options: ServerOptions) {
    super()
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#logger = new PithyLogger(options.logger ?? silentLogger, this.#clock)
    this.#vhosts = new Vhosts(resolveVhosts(options))
    this.#registry = new StreamRegistry({
      vhosts: this.#vhosts,
      maxStreams: options.streams?.maxStreams,
      clock: this.#clock,
      logger: this.#logger,
    })
    this.#access = new ServerAccess({
      clock: this.#clock,
      logger: this.#logger,
      program: new ProgramAdmission(options.onPublish, options.onPlay),
    })
    this.#live = new LiveService({
      registry: this.#registry,
      admission: this.#access.admission,
      events: this.#streamEvents(),
      logger: this.#logger,
    })
    this.#limits = new ConnectionLimits(this.#limitOptions(), this.#clock)
    this.#certificates = new Certificates(this.#logger, this.#clock)
    this.#rtmp = this.#createRtmpServer(options.rtmp)
    this.#rtmps = this.#createRtmpServer(options.rtmps)
    this.#http = new HttpServer({ logger: this.#logger, limits: this.#limits })
    const routers = { media: new HttpRouter(), api: new HttpRouter() }
    const common = {
      http: routers.media,
      live: this.#live,
      vhosts: this.#vhosts,
      logger: this.#logger,
      clock: this.#clock,
      nextClientId: () => this.#nextClientId(),
    }
    serveFlv(common)
    const trusts = (address: string): boolean => this.#limits.trusts(address)
    this.#hls = new HlsRoutes({ ...common, trusts })
    this.#api = new ApiRoutes({
      http: routers.api,
      registry: this.#registry,
      refusals: this.#access.refusals,
      clock: this.#clock,
      trusts,
      rtmpPort: () => this.rtmpAddress?.port ?? null,
      rtmpsPort: () => this.rtmpsAddress?.port ?? null,
      mediaPort: (secure) => this.#mediaPort(secure),
    })
    const owners = {
      rtmp: this.#rtmp,
      rtmps: this.#rtmps,
      http: this.#http,
      siteOf: (wanted: WantedListener) => siteOf(wanted, this.#options, routers),
    }
    this.#listeners = new Listeners(
      (wanted, credentials) => openListener(owners, wanted, credentials),
      this.#logger,
    )
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
    const stream = this.#registry.open(nameStream(this.#vhosts, path))
    const client = { id: this.#nextClientId(), protocol: 'library', address: 'local' } as const
    const leave = stream.addViewer(client)
    try {
      yield* new FrameQueue(stream, options)
    } finally {
      leave()
    }
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
      const wanted = wantedListeners(this.#options)
      const credentialsOf = await this.#certificates.load(wanted)
      const useRules = await this.#access.prepare(this.#vhosts.all)
      const changes = this.#listeners.planChanges(wanted)
      const { commit } = await this.#listeners.prepare(changes, credentialsOf)
      useRules()
      commit()
    } catch (error) {
      await this.close()
      throw error
    }
  }

  /**
   * Reads the certificates and keys of `rtmps` and `https` from their files again, and uses them for connections that come
   * from now on; those there are live on. If one of them can't be used, nothing is changed.
   * @throws ServerError ERR_CERTIFICATE that says which file and why; it is logged as well
   */
  reloadCertificates(): Promise<void> {
    return this.#certificates.reload(() => this.#listeners.running)
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
    this.#listeners.stop()
    this.#hls.close()
    this.#registry.close()
    this.#access.close()
    this.#rtmp.close()
    this.#rtmps.close()
    await Promise.all([this.#http.close(), this.#listeners.close(), ...this.#files.values()])
  }

  #nextClientId(): string {
    return `c${++this.#lastClientId}`
  }

  /** The port of the streams of HTTP or HTTPS, if the API has a listener without them. */
  #mediaPort(secure: boolean): number | null {
    const [media, api] = secure ? (['https', 'apiHttps'] as const) : (['http', 'api'] as const)
    const isApart = this.addresses.some(({ purposes }) => purposes.includes(api) && !purposes.includes(media))
    return isApart ? (this.#listeners.addressOf(media)?.port ?? null) : null
  }

  #limitOptions(): ConnectionLimitOptions {
    const { maxConnections, ...given } = this.#options.limits ?? {}
    const allowed = allowedConnections(maxConnections, defaultConnectionLimits.maxConnections, this.#logger)
    return { ...defaultConnectionLimits, ...given, maxConnections: allowed }
  }

  #createRtmpServer(options: Partial<RtmpListenOptions> = {}): RtmpServer {
    return new RtmpServer({
      live: this.#live,
      vhosts: this.#vhosts,
      logger: this.#logger,
      limits: this.#limits,
      options: readSessionOptions(options),
      playOptions:
        options.sendUnannouncedCodecs === undefined
          ? defaultRtmpPlayOptions
          : { sendUnannouncedCodecs: options.sendUnannouncedCodecs },
      maxConnections: options.maxConnections ?? DEFAULT_MAX_RTMP_CONNECTIONS,
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
    }
  }

  #tell<K extends keyof ServerEvents>(event: K, ...args: ServerEvents[K]): void {
    this.#api.changed()
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

function urlOf(scheme: string, address: BoundAddress | null): string {
  if (address === null) {
    throw new ServerError('ERR_CONFIGURATION', `${scheme} is not listened on`)
  }
  return `${scheme}://${connectableHost(address.host)}:${address.port}`
}
