import { EventEmitter } from 'node:events'
import {
  type Clock,
  type Logger,
  PithyLogger,
  ServerError,
  silentLogger,
  systemClock,
} from '../base/index.ts'
import { ApiRoutes, Refusals, type RtmpListenOptions } from '../control/index.ts'
import { defaultRtmpPlayOptions, HlsRoutes, resolveHlsOptions, serveFlv } from '../delivery/index.ts'
import { HttpServer } from '../http/index.ts'
import { FileSource, type FileSourceOptions } from '../ingest/index.ts'
import {
  defaultBroadcastOptions,
  defaultRegistryOptions,
  defaultTakeoverOptions,
  type EndReason,
  type Frame,
  FrameQueue,
  type FramesOptions,
  LiveService,
  parseStreamName,
  type Refusal,
  type Stream,
  type StreamEvents,
  StreamRegistry,
  type StreamRequest,
} from '../live/index.ts'
import {
  type BoundAddress,
  type CertificateOptions,
  ConnectionLimits,
  connectableHost,
  defaultConnectionLimits,
  type ListenOptions,
} from '../net/index.ts'
import { ProgramAdmission } from './admission.ts'
import { Certificates } from './certificates.ts'
import { DEFAULT_MAX_RTMP_CONNECTIONS, pageRoot, readSessionOptions, type ServerOptions } from './options.ts'
import { RtmpServer } from './rtmp-server.ts'

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
  readonly #registry: StreamRegistry
  readonly #live: LiveService
  readonly #rtmp: RtmpServer | null = null
  readonly #rtmps: RtmpServer | null = null
  readonly #http: HttpServer | null = null
  readonly #hls: HlsRoutes | null = null
  readonly #api: ApiRoutes | null = null
  readonly #files = new Map<FileSource, Promise<void>>()
  readonly #certificates: Certificates
  readonly #limits: ConnectionLimits
  readonly #refusals: Refusals
  #rtmpAddress: BoundAddress | null = null
  #rtmpsAddress: BoundAddress | null = null
  #httpAddress: BoundAddress | null = null
  #httpsAddress: BoundAddress | null = null
  #lastClientId = 0
  #closing: Promise<void> | null = null

  /** Use `createServer`. */
  constructor(options: ServerOptions) {
    super()
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#logger = new PithyLogger(options.logger ?? silentLogger, this.#clock)
    const { takeover, takeoverSilenceMs, ...streams } = options.streams ?? {}
    const broadcast = { ...defaultBroadcastOptions, ...options.broadcast }
    this.#registry = new StreamRegistry(
      { ...defaultRegistryOptions, ...streams, broadcast },
      this.#clock,
      this.#logger,
    )
    this.#refusals = new Refusals(this.#clock)
    this.#live = new LiveService({
      registry: this.#registry,
      admission: new ProgramAdmission(options.onPublish, options.onPlay),
      events: this.#streamEvents(),
      logger: this.#logger,
      options: {
        takeover: takeover ?? defaultTakeoverOptions.takeover,
        takeoverSilenceMs: takeoverSilenceMs ?? defaultTakeoverOptions.takeoverSilenceMs,
      },
    })
    this.#limits = new ConnectionLimits({ ...defaultConnectionLimits, ...options.limits }, this.#clock)
    this.#certificates = new Certificates(this.#logger, this.#clock)
    this.#rtmp = options.rtmp === undefined ? null : this.#createRtmpServer(options.rtmp)
    this.#rtmps = options.rtmps === undefined ? null : this.#createRtmpServer(options.rtmps)
    if (options.http !== undefined || options.https !== undefined) {
      const page = options.http?.page !== false && options.https?.page !== false
      const http = new HttpServer({
        logger: this.#logger,
        limits: this.#limits,
        staticRoot: page ? pageRoot() : null,
      })
      const common = {
        http,
        live: this.#live,
        logger: this.#logger,
        clock: this.#clock,
        nextClientId: () => this.#nextClientId(),
      }
      this.#http = http
      serveFlv(common)
      this.#hls = new HlsRoutes({ ...common, options: resolveHlsOptions(options.hls ?? {}) })
      this.#api = new ApiRoutes({
        http,
        registry: this.#registry,
        refusals: this.#refusals,
        clock: this.#clock,
        rtmpPort: () => this.#rtmpAddress?.port ?? null,
      })
    }
  }

  /** Where RTMP is listened on; null if it is not. */
  get rtmpAddress(): BoundAddress | null {
    return this.#rtmpAddress
  }

  /** Where RTMPS is listened on; null if it is not. */
  get rtmpsAddress(): BoundAddress | null {
    return this.#rtmpsAddress
  }

  /** Where HTTP is listened on; null if it is not. */
  get httpAddress(): BoundAddress | null {
    return this.#httpAddress
  }

  /** Where HTTPS is listened on; null if it is not. */
  get httpsAddress(): BoundAddress | null {
    return this.#httpsAddress
  }

  /** `rtmp://host:port`, to be followed by `/app/stream`; the host is one this machine can connect to. */
  get rtmpUrl(): string {
    return urlOf('rtmp', this.#rtmpAddress)
  }

  /** `rtmps://host:port`, to be followed by `/app/stream`; clients may want the certificate's name in place of the host. */
  get rtmpsUrl(): string {
    return urlOf('rtmps', this.#rtmpsAddress)
  }

  /** `http://host:port`, to be followed by a path; the host is one this machine can connect to. */
  get httpUrl(): string {
    return urlOf('http', this.#httpAddress)
  }

  /** `https://host:port`, to be followed by a path; clients may want the certificate's name in place of the host. */
  get httpsUrl(): string {
    return urlOf('https', this.#httpsAddress)
  }

  /** The streams there are: published, or waited for by players. */
  get streams(): Stream[] {
    return this.#registry.streams
  }

  /** The stream called `path`, e.g. 'live/demo'; undefined if nobody publishes or awaits it. */
  stream(path: string): Stream | undefined {
    return this.#registry.get(parseStreamName(path))
  }

  /** RTMP and RTMPS connections at present. */
  get rtmpConnections(): number {
    return (this.#rtmp?.connections ?? 0) + (this.#rtmps?.connections ?? 0)
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
    return { ...Object.fromEntries(counts), hls: this.#hls?.framesMuxed(stream) ?? 0 }
  }

  /**
   * A stream's frames, for a program: metadata and sequence headers, the newest GOP, then live, until the stream ends.
   * Waits for a publisher if there is none, counts as a player, and is not asked of `onPlay`.
   * @param path e.g. 'live/demo'
   */
  async *frames(path: string, options: FramesOptions = {}): AsyncGenerator<Frame, void, undefined> {
    const stream = this.#registry.open(parseStreamName(path))
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
   * @param path the stream, e.g. 'live/demo'
   * @returns stops it
   * @throws ServerError ERR_MEDIA_FILE if the file can't be played, RejectedError if the stream is refused
   */
  async publishFile(path: string, file: Omit<FileSourceOptions, 'name'>): Promise<() => Promise<void>> {
    const name = parseStreamName(path)
    const tcUrl = this.#rtmpAddress === null ? undefined : `${this.rtmpUrl}/${name.app}`
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
      asked += server?.requestReconnect(tcUrl, description ?? 'The server asks to reconnect.') ?? 0
    }
    return asked
  }

  /** Starts the listeners; called by `createServer`. */
  async listen(): Promise<void> {
    const { rtmp, rtmps, http, https } = this.#options
    if ([rtmp, rtmps, http, https].every((options) => options === undefined)) {
      throw new ServerError(
        'ERR_CONFIGURATION',
        'the server would listen on nothing: give `rtmp`, `http` or both, or `rtmps` and `https`',
      )
    }
    try {
      this.#rtmpAddress = (await (rtmp && this.#rtmp?.listen(rtmp)))?.address ?? null
      this.#rtmpsAddress = await this.#listenTls(rtmps, 'RTMPS', this.#rtmps)
      this.#httpAddress = (await (http && this.#http?.listen(http)))?.address ?? null
      this.#httpsAddress = await this.#listenTls(https, 'HTTPS', this.#http)
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
    return this.#certificates.reload()
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
    this.#hls?.close()
    this.#registry.close()
    await Promise.all([
      this.#rtmp?.close(),
      this.#rtmps?.close(),
      this.#http?.close(),
      ...this.#files.values(),
    ])
  }

  #nextClientId(): string {
    return `c${++this.#lastClientId}`
  }

  #createRtmpServer(options: RtmpListenOptions): RtmpServer {
    return new RtmpServer({
      live: this.#live,
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

  async #listenTls(
    options: (ListenOptions & CertificateOptions) | undefined,
    purpose: string,
    server: RtmpServer | HttpServer | null,
  ): Promise<BoundAddress | null> {
    if (options === undefined || server === null) {
      return null
    }
    const credentials = await this.#certificates.load(options, purpose)
    const listener = await server.listenTls(options, credentials)
    this.#certificates.add({ purpose, options, use: (next) => listener.useCredentials(next) })
    return listener.address
  }

  #streamEvents(): StreamEvents {
    return {
      onPublish: async (request) => this.#tell('publish', request),
      onUnpublish: async (request, reason) => this.#tell('unpublish', request, reason),
      onPlay: async (request) => this.#tell('play', request),
      onStop: async (request, reason) => this.#tell('stop', request, reason),
      onRefused: async (refusal) => {
        this.#refusals.add(refusal)
        this.#tell('refused', refusal)
      },
    }
  }

  #tell<K extends keyof ServerEvents>(event: K, ...args: ServerEvents[K]): void {
    this.#api?.changed()
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
