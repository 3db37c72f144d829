import { EventEmitter } from 'node:events'
import type { ServerIdentity } from '../base/index.ts'
import type { ReloadSource, ServerSettings } from '../control/index.ts'
import type { ProgramStatus } from '../ffmpeg/index.ts'
import type { HttpRouter } from '../http/index.ts'
import type { FileSourceOptions } from '../ingest/index.ts'
import type { ClientDirectory, Frame, FramesOptions, RelayStatus, Stream } from '../live/index.ts'
import type { BoundAddress } from '../net/index.ts'
import { Endings } from './endings.ts'
import { libraryFrames } from './library-frames.ts'
import { type ServerOptions, settingsOf } from './options.ts'
import type { ReloadPlan } from './reload/index.ts'
import { describeListener, type ServerAddress, urlOf } from './server-address.ts'
import type { Emit, ReconnectOptions, ServerEvents } from './server-events.ts'
import { closeServerParts, createServerParts, type ServerParts } from './server-parts.ts'
import { nameStream } from './vhosts.ts'

/** A live server. Made by `createServer`; any number of them can run in one process. */
export class Server extends EventEmitter<ServerEvents> {
  readonly #parts: ServerParts
  readonly #endings = new Endings()
  #starting: Promise<void> | null = null
  #closing: Promise<void> | null = null

  /** Use `createServer`. */
  constructor(options: ServerOptions) {
    super()
    // Right by construction; the signature of `emit` can't take an event that is not one of its names yet.
    this.#parts = createServerParts(options, this.emit.bind(this) as Emit)
  }

  /** Which server this is, as the API and hooks say it. */
  get identity(): ServerIdentity {
    return this.#parts.identity
  }

  /** Everything that is listened on: TCP addresses and Unix sockets, in the order of the settings. */
  get addresses(): ServerAddress[] {
    return this.#parts.listeners.running.map(describeListener)
  }

  /** The first TCP address on which RTMP is listened for; null if there is none. */
  get rtmpAddress(): BoundAddress | null {
    return this.#parts.listeners.addressOf('rtmp')
  }

  /** The first TCP address on which RTMPS is listened for; null if there is none. */
  get rtmpsAddress(): BoundAddress | null {
    return this.#parts.listeners.addressOf('rtmps')
  }

  /** The first TCP address on which HTTP is listened for; null if there is none. */
  get httpAddress(): BoundAddress | null {
    return this.#parts.listeners.addressOf('http')
  }

  /** The first TCP address on which HTTPS is listened for; null if there is none. */
  get httpsAddress(): BoundAddress | null {
    return this.#parts.listeners.addressOf('https')
  }

  /** The first TCP address at which the API answers in HTTP; null if there is none. */
  get apiAddress(): BoundAddress | null {
    return this.#parts.listeners.addressOf('api')
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
    return this.#parts.relays()
  }

  /** Programs that this server runs: FFmpeg, and those of exec. */
  get programs(): ProgramStatus[] {
    return this.#parts.programs.supervisor.statuses
  }

  /** The streams there are: published, or waited for by players. */
  get streams(): Stream[] {
    return this.#parts.registry.streams
  }

  /**
   * The stream called `path`, e.g. 'live/demo', or '//example.com/live/demo' in a virtual host; undefined if nobody publishes or
   * awaits it.
   */
  stream(path: string): Stream | undefined {
    return this.#parts.registry.get(nameStream(this.#parts.vhosts, path))
  }

  /** Everybody who publishes or plays, or asks to, by whatever protocol; `kick(id, reason)` disconnects one. */
  get clients(): ClientDirectory {
    return this.#parts.live.clients
  }

  /** RTMP and RTMPS connections at present. */
  get rtmpConnections(): number {
    return this.#parts.rtmp.connections + this.#parts.rtmps.connections
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
    return { ...Object.fromEntries(counts), hls: this.#parts.hls.framesMuxed(stream) }
  }

  /**
   * A stream's frames, for a program: metadata and sequence headers, the newest GOP, then live, until the stream ends.
   * Waits for a publisher if there is none, counts as a player, and is not asked of `onPlay`.
   * @param path e.g. 'live/demo', or '//example.com/live/demo' in a virtual host
   * @throws RejectedError if there is no such virtual host, or it is switched off
   */
  async *frames(path: string, options: FramesOptions = {}): AsyncGenerator<Frame, void, undefined> {
    yield* libraryFrames(
      this.#parts.live,
      nameStream(this.#parts.vhosts, path),
      this.#parts.nextClientId(),
      options,
    )
  }

  /**
   * Publishes an FLV or MP4 file in real time, in this process. Resolves when it is being published; it goes on until the file
   * ends (`loop: false`), `stop` is called or the server closes.
   * @param path the stream, e.g. 'live/demo', or '//example.com/live/demo' in a virtual host
   * @returns stops it
   * @throws ServerError ERR_MEDIA_FILE if the file can't be played, RejectedError if the stream is refused
   */
  async publishFile(path: string, file: Omit<FileSourceOptions, 'name'>): Promise<() => Promise<void>> {
    const name = nameStream(this.#parts.vhosts, path)
    const tcUrl = this.rtmpAddress === null ? undefined : `${this.rtmpUrl}/${name.app}`
    return this.#parts.files.publish({ ...(tcUrl === undefined ? {} : { tcUrl }), ...file, name })
  }

  /**
   * Asks RTMP clients to connect anew (Enhanced RTMP v2, Reconnect Request), e.g. before this server is closed for an update.
   * They go on here until they have connected there; who did not announce that it follows such requests is not asked.
   * @returns how many clients were asked
   */
  requestReconnect({ tcUrl, description }: ReconnectOptions = {}): number {
    let asked = 0
    for (const server of [this.#parts.rtmp, this.#parts.rtmps]) {
      asked += server.requestReconnect(tcUrl, description ?? 'The server asks to reconnect.')
    }
    return asked
  }

  /**
   * Starts the listeners, all or none; called by `createServer`.
   * @throws ServerError as `createServer` does; ClosedError if it was closed meanwhile. Then everything is closed
   */
  async listen(): Promise<void> {
    try {
      this.#starting ??= this.#start()
      await this.#starting
    } catch (error) {
      await this.close()
      throw error
    }
  }

  /** What the API answers, without a password: for a door that only the user who runs the server can open. */
  get doorRouter(): HttpRouter {
    return this.#parts.api.doorRouter
  }

  /** Lets the API reload the configuration. @param source who reads it; without one, nothing can be reloaded there */
  useReloadSource(source: ReloadSource): void {
    this.#parts.api.reloadControl.use(source)
  }

  /** The settings in force. */
  get settings(): ServerSettings {
    return this.#parts.reloader.settings
  }

  /**
   * What `reload` would do with these settings; nothing is changed. Everything is checked but whether new addresses are free.
   * @throws ServerError ERR_CERTIFICATE or ERR_CONFIGURATION if they can't be used
   */
  planReload(settings: ServerSettings): Promise<ReloadPlan> {
    return this.#parts.reloader.plan(settingsOf(settings))
  }

  /**
   * Goes over to other settings while the server runs, as one: what can fail is done before anything changes. Nobody is
   * disconnected but those that the plan names. Files are read again: certificates and keys. Functions, logger and clock stay.
   * @returns what was done
   * @throws ServerError ERR_LISTEN, ERR_CERTIFICATE or ERR_CONFIGURATION; then everything is as it was, and the log says why
   */
  reload(settings: ServerSettings): Promise<ReloadPlan> {
    return this.#parts.reloader.reload(settingsOf(settings))
  }

  /**
   * Reads the certificates and keys of `rtmps` and `https` from their files again, and uses them for connections that come
   * from now on; those there are live on. If one of them can't be used, nothing is changed.
   * @throws ServerError ERR_CERTIFICATE that says which file and why; it is logged as well
   */
  reloadCertificates(): Promise<void> {
    return this.#parts.reloader.reloadCertificates()
  }

  /** Takes no more connections: the ports are freed, those connected stay. `close` ends the rest. Idempotent. */
  stopListening(): void {
    this.#parts.listeners.stop()
  }

  /** Stops everything: listeners, connections, streams, timers; a start that is under way, too. Resolves when all is gone. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** While it is being closed: what has not ended yet, for people. */
  get unfinished(): readonly string[] {
    return this.#endings.unfinished
  }

  async #start(): Promise<void> {
    const { hooks, reloader } = this.#parts
    await hooks.start(reloader.hookDelivery, reloader.callsOthers)
    await reloader.start()
  }

  async #close(): Promise<void> {
    // From now on nothing is opened that is not there; what is being opened is given up, or else closed with the rest.
    void this.#parts.reloader.close()
    // Why it failed is told to who started it.
    await this.#endings.wait('the start', this.#starting?.catch(() => {}) ?? Promise.resolve())
    await closeServerParts(this.#parts, this.#endings)
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
