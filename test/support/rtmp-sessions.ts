import { createServer, type Server, type Socket } from 'node:net'
import { type Logger, toError } from '../../src/base/index.ts'
import { moveToSharedReads } from '../../src/net/socket-reader.ts'
import {
  defaultRtmpSessionOptions,
  type Message,
  type RtmpConnect,
  type RtmpConnection,
  type RtmpOutput,
  type RtmpPlayback,
  type RtmpReceiver,
  type RtmpServerHandlers,
  RtmpServerSession,
  type RtmpSessionOptions,
  type RtmpSessionSetup,
  type RtmpStreamRequest,
  type RtmpWantedMedia,
} from '../../src/rtmp/index.ts'
import { RtmpClient, type RtmpClientOptions } from './rtmp-client.ts'
import { DEFAULT_WAIT_MS } from './wait.ts'

/** What a test decides about clients; each is awaited before they are admitted. Default: everyone is, at once. */
export type Gates = Readonly<{
  connect?: (request: RtmpConnect) => Promise<void>
  publish?: (request: RtmpStreamRequest) => Promise<void>
  play?: (request: RtmpStreamRequest) => Promise<void>
  /** Used in place of the recording ones. */
  handlers?: Partial<RtmpServerHandlers>
}>

/** An admitted publisher, and all it sent. */
export class RecordingReceiver implements RtmpReceiver {
  readonly request: RtmpStreamRequest
  readonly connection: RtmpConnection
  readonly media: Message[] = []
  /** Every `onEnd`: its code and message. There should be one at most. */
  readonly ends: { code: string; message: string }[] = []
  readonly #onEvent: () => void

  constructor(request: RtmpStreamRequest, connection: RtmpConnection, onEvent: () => void) {
    this.request = request
    this.connection = connection
    this.#onEvent = onEvent
  }

  onMedia(message: Message): void {
    this.media.push({ ...message, payload: Buffer.from(message.payload) })
    this.#onEvent()
  }

  onEnd(code: 'unpublished' | 'disconnected', message: string): void {
    this.ends.push({ code, message })
    this.#onEvent()
  }
}

/** An admitted player. */
export class RecordingPlayback implements RtmpPlayback {
  readonly request: RtmpStreamRequest
  readonly output: RtmpOutput
  readonly connection: RtmpConnection
  starts = 0
  /** Every `pause` and `receive`, in a few words. */
  readonly changes: string[] = []
  /** The message of every `stop`. There should be one at most. */
  readonly stops: string[] = []
  readonly #onEvent: () => void

  constructor(
    request: RtmpStreamRequest,
    output: RtmpOutput,
    connection: RtmpConnection,
    onEvent: () => void,
  ) {
    this.request = request
    this.output = output
    this.connection = connection
    this.#onEvent = onEvent
  }

  start(): void {
    this.starts++
    this.#onEvent()
  }

  pause(paused: boolean): void {
    this.changes.push(paused ? 'pause' : 'unpause')
    this.#onEvent()
  }

  receive({ audio, video }: RtmpWantedMedia): void {
    this.changes.push(`audio ${audio} video ${video}`)
    this.#onEvent()
  }

  stop(message: string): void {
    this.stops.push(message)
    this.#onEvent()
  }
}

/** A line of a session's log. */
export type LogLine = Readonly<{ level: string; message: string; fields: Readonly<Record<string, unknown>> }>

type VhostOptionsOf = NonNullable<RtmpSessionSetup['vhostOptions']>

/** A TCP server on a free loopback port whose RTMP sessions record what happens. For tests of `RtmpServerSession`. */
export class RtmpSessions {
  readonly connects: RtmpConnect[] = []
  /** What handlers were asked for, in order, whether or not they have decided. */
  readonly asked: ('connect' | 'publish' | 'play')[] = []
  readonly receivers: RecordingReceiver[] = []
  readonly playbacks: RecordingPlayback[] = []
  readonly log: LogLine[] = []
  readonly sessions: RtmpServerSession[] = []
  /** Sessions that said they are closed. */
  closedSessions = 0
  readonly #gates: Gates
  readonly #server: Server
  readonly #sockets: Socket[] = []
  readonly #clients: RtmpClient[] = []
  readonly #listeners = new Set<() => void>()

  private constructor(
    gates: Gates,
    options: Partial<RtmpSessionOptions>,
    vhostOptions: VhostOptionsOf | undefined,
  ) {
    this.#gates = gates
    this.#server = createServer((socket) => this.#accept(socket, options, vhostOptions))
  }

  /** Starts listening. @param vhostOptions of the virtual host that a client asks for. Default: those in `options` */
  static async listen(
    gates: Gates = {},
    options: Partial<RtmpSessionOptions> = {},
    vhostOptions?: VhostOptionsOf,
  ): Promise<RtmpSessions> {
    const sessions = new RtmpSessions(gates, options, vhostOptions)
    await new Promise<void>((resolve) => sessions.#server.listen(0, '127.0.0.1', resolve))
    return sessions
  }

  /** `rtmp://127.0.0.1:port`. */
  get url(): string {
    return `rtmp://127.0.0.1:${this.port}`
  }

  /** The port listened on. */
  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  /** Connects a client, which `close` will destroy. */
  async client(options: RtmpClientOptions = {}): Promise<RtmpClient> {
    const client = await RtmpClient.connect(this.url, options)
    this.#clients.push(client)
    return client
  }

  /** Bytes that the session of that index has read from its socket. */
  bytesRead(index: number): number {
    return this.#sockets[index]?.bytesRead ?? 0
  }

  /** Waits until `condition` holds; looked at after all that sessions tell. */
  until(what: string, condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#listeners.delete(look)
        reject(new Error(`waited in vain until ${what}; log: ${JSON.stringify(this.log)}`))
      }, DEFAULT_WAIT_MS)
      const look = (): void => {
        if (condition()) {
          clearTimeout(timer)
          this.#listeners.delete(look)
          resolve()
        }
      }
      this.#listeners.add(look)
      look()
    })
  }

  /** Waits until all sessions so far are closed; returns the log line that says why the last one was. */
  async untilClosed(): Promise<LogLine> {
    await this.until('the sessions are closed', () => this.closedSessions === this.sessions.length)
    const line = this.log.findLast(({ message }) => message.startsWith('connection closed'))
    if (line === undefined) {
      throw new Error('no session logged why it was closed')
    }
    return line
  }

  /** Destroys all clients, waits for the sessions' own end, and stops listening. */
  async close(): Promise<void> {
    for (const client of this.#clients) {
      await client.destroy()
    }
    await this.until('the sessions are closed', () => this.closedSessions === this.sessions.length)
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
    if (this.#sockets.some(({ destroyed }) => !destroyed)) {
      throw new Error('a socket is left')
    }
  }

  #accept(
    accepted: Socket,
    options: Partial<RtmpSessionOptions>,
    vhostOptions: VhostOptionsOf | undefined,
  ): void {
    // As the server has its listener do it.
    const socket = moveToSharedReads(accepted)
    this.#sockets.push(socket)
    let closed = false
    this.sessions.push(
      new RtmpServerSession({
        id: `test-${this.sessions.length + 1}`,
        socket,
        handlers: { ...this.#handlers(), ...this.#gates.handlers },
        options: { ...defaultRtmpSessionOptions, ...options },
        ...(vhostOptions === undefined ? {} : { vhostOptions }),
        logger: this.#logger(),
        onClose: () => {
          if (closed) {
            throw new Error('onClose was called twice')
          }
          closed = true
          this.closedSessions++
          this.#changed()
        },
      }),
    )
    this.#changed()
  }

  #handlers(): RtmpServerHandlers {
    const onEvent = (): void => this.#changed()
    return {
      connect: async (request) => {
        this.connects.push(request)
        await this.#ask('connect', this.#gates.connect?.(request))
      },
      publish: async (request, connection) => {
        await this.#ask('publish', this.#gates.publish?.(request))
        const receiver = new RecordingReceiver(request, connection, onEvent)
        this.receivers.push(receiver)
        onEvent()
        return receiver
      },
      play: async (request, output, connection) => {
        await this.#ask('play', this.#gates.play?.(request))
        const playback = new RecordingPlayback(request, output, connection, onEvent)
        this.playbacks.push(playback)
        onEvent()
        return playback
      },
    }
  }

  async #ask(action: 'connect' | 'publish' | 'play', decision: Promise<void> | undefined): Promise<void> {
    this.asked.push(action)
    this.#changed()
    await decision
  }

  #logger(): Logger {
    const line =
      (level: string) =>
      (fields: object, message: string): void => {
        this.log.push({ level, message, fields: { ...fields } })
        this.#changed()
      }
    const logger: Logger = {
      debug: line('debug'),
      info: line('info'),
      warn: line('warn'),
      error: line('error'),
      child: () => logger,
    }
    return logger
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) {
      listener()
    }
  }
}

/** A promise and what settles it. */
export function gate(): { opened: Promise<void>; open(): void; refuse(error: unknown): void } {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  return { opened: promise, open: () => resolve(), refuse: (error) => reject(toError(error)) }
}

/** Names of TCP handles that are alive in this process; empty after a test that cleaned up. */
export function liveTcpHandles(): string[] {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP'))
}
