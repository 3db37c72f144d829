import type { Amf0Object, Amf0Value } from '../../src/media/index.ts'
import {
  type Command,
  decodeCommand,
  encodeCommand,
  type Message,
  MessageType,
  parseStreamArgument,
} from '../../src/rtmp/index.ts'
import { RtmpClientError, RtmpWire, type RtmpWireOptions } from './rtmp-wire.ts'

export { RtmpClientError, type RtmpClientEvents } from './rtmp-wire.ts'

/** How a client behaves. */
export type RtmpClientOptions = RtmpWireOptions &
  Readonly<{
    /** Properties put into the connect command's object, over the client's own. */
    connectObject?: Amf0Object
    /** Publishing begins with releaseStream and FCPublish, as that of FMLE, OBS and FFmpeg does. Default true. */
    fcPublish?: boolean
    /** Chunk size announced and used from the handshake on, bytes. Default 4096. */
    chunkSize?: number
  }>

/** A status the server sent. */
export type RtmpStatus = Readonly<{
  /** 'onStatus', 'onFCPublish' or 'onFCUnpublish'. */
  name: string
  /** E.g. 'NetStream.Play.Start'. */
  code: string
  /** 'status', 'error' ...; 'undefined' where there is none. */
  level: string
  /** For people; the reason of a refusal. */
  description: string
  /** Message stream it came on. */
  streamId: number
}>

const CHUNK_STREAMS = { audio: 4, video: 6, data: 8, command: 3, streamCommand: 8 } as const

/**
 * An RTMP client for tests, on a real socket: publishes and plays, and shows all that the server said.
 *
 * ```ts
 * const publisher = await RtmpClient.connect(`rtmp://127.0.0.1:${port}`)
 * await publisher.publish('live/demo?token=1')
 * publisher.sendVideo(0, sequenceHeader)
 * const player = await RtmpClient.connect(`rtmp://127.0.0.1:${port}/live/demo`)
 * await player.play()
 * for await (const message of player) { ... }
 * await player.destroy()
 * ```
 */
export class RtmpClient extends RtmpWire {
  readonly #url: URL
  readonly #options: RtmpClientOptions
  #lastTransactionId = 0
  #connected = false
  #streamId = 0

  private constructor(url: URL, options: RtmpClientOptions) {
    super(url, options)
    this.#url = url
    this.#options = options
  }

  /**
   * Opens the connection and shakes hands; no command is sent yet.
   * @param url `rtmp://host:port`, or with `/app/stream?query` for `publish()` and `play()` without argument
   * @throws RtmpClientError if the server closes first or takes too long
   */
  static async connect(url: string, options: RtmpClientOptions = {}): Promise<RtmpClient> {
    const client = new RtmpClient(new URL(url), options)
    try {
      await client.handshaken()
    } catch (error) {
      await client.destroy()
      throw error
    }
    client.setChunkSize(options.chunkSize ?? 4096)
    return client
  }

  /** Message stream of the newest `publish` or `play`; 0 before. */
  get streamId(): number {
    return this.#streamId
  }

  /** The commands among `messages`, decoded. */
  get commands(): Command[] {
    return this.messages.filter(isCommand).map(decodeCommand)
  }

  /** The statuses among `messages`. */
  get statuses(): RtmpStatus[] {
    return this.messages.map(statusOf).filter((status) => status !== null)
  }

  /** The audio, video and data messages among `messages`, but for the `|RtmpSampleAccess` that every play begins with. */
  get media(): Message[] {
    return this.messages.filter(isMedia)
  }

  /**
   * Publishes: connects to the application if that is not done yet, creates a message stream, and waits for the start.
   * @param path `app/stream?query`; default: that of the URL
   * @throws RtmpClientError with the server's reason if it is refused or closed
   */
  async publish(path: string = this.#urlPath): Promise<void> {
    const { app, stream } = splitPath(path)
    await this.connectApp(app)
    if (this.#options.fcPublish ?? true) {
      await this.call('releaseStream', [null, stream])
      await this.call('FCPublish', [null, stream])
    }
    await this.#start('publish', [stream, 'live'])
  }

  /**
   * Plays: connects to the application if that is not done yet, creates a message stream, and waits for the start.
   * @param path `app/stream?query`; default: that of the URL
   * @throws RtmpClientError with the server's reason if it is refused or closed
   */
  async play(path: string = this.#urlPath): Promise<void> {
    const { app, stream } = splitPath(path)
    await this.connectApp(app)
    await this.#start('play', [stream, -2000])
  }

  /**
   * Sends connect and waits for its result; does nothing when connected.
   * @throws RtmpClientError if the server answers `_error` or closes
   */
  async connectApp(app: string): Promise<void> {
    if (this.#connected) {
      return
    }
    const tcUrl = `rtmp://${this.#url.host}/${app}`
    const object = { app, tcUrl, flashVer: 'FMLE/3.0 (compatible; test)', ...this.#options.connectObject }
    await this.call('connect', [object])
    this.#connected = true
  }

  /** Creates a message stream; returns its id. */
  async createStream(): Promise<number> {
    const { args } = await this.call('createStream', [null])
    return Number(args[0])
  }

  /** Sends an audio tag body. */
  sendAudio(timestamp: number, body: Uint8Array): void {
    this.#sendMedia(MessageType.audio, CHUNK_STREAMS.audio, timestamp, body)
  }

  /** Sends a video tag body. */
  sendVideo(timestamp: number, body: Uint8Array): void {
    this.#sendMedia(MessageType.video, CHUNK_STREAMS.video, timestamp, body)
  }

  /** Sends an AMF0 data message, e.g. `encodeAmf0('@setDataFrame', 'onMetaData', {...})`. */
  sendData(timestamp: number, body: Uint8Array): void {
    this.#sendMedia(MessageType.dataAmf0, CHUNK_STREAMS.data, timestamp, body)
  }

  /**
   * Sends a command, and waits for nothing.
   * @param values the command object, or null, and the arguments
   * @param streamId message stream. Default 0, the connection
   * @param transactionId default: the next
   * @returns the transaction id
   */
  command(name: string, values: readonly Amf0Value[], streamId = 0, transactionId?: number): number {
    const id = transactionId ?? ++this.#lastTransactionId
    const chunkStreamId = streamId === 0 ? CHUNK_STREAMS.command : CHUNK_STREAMS.streamCommand
    this.send(encodeCommand(name, id, values, streamId, chunkStreamId))
    return id
  }

  /**
   * Sends a command and waits for its `_result`.
   * @throws RtmpClientError with the description of an `_error`
   */
  async call(name: string, values: readonly Amf0Value[], streamId = 0): Promise<Command> {
    const from = this.messages.length
    const id = this.command(name, values, streamId)
    const answer = await this.waitForCommand(
      (command) => /^_(result|error)$/.test(command.name) && command.transactionId === id,
      from,
    )
    if (answer.name === '_error') {
      throw new RtmpClientError(`${name}: ${JSON.stringify(answer.args)}`)
    }
    return answer
  }

  /** Waits for a command, one that came already included; see `waitFor`. */
  async waitForCommand(matches: (command: Command) => boolean, from = 0): Promise<Command> {
    const isMatch = (message: Message): boolean => isCommand(message) && matches(decodeCommand(message))
    return decodeCommand(await this.waitFor('a command', isMatch, from))
  }

  /** Waits for the `onStatus` with that code, one that came already included; see `waitFor`. */
  async waitForStatus(code: string, from = 0): Promise<void> {
    await this.waitFor(code, (message) => isOnStatus(message) && statusOf(message)?.code === code, from)
  }

  /** Waits until so many audio, video and data messages have come. */
  async waitForMedia(count: number): Promise<Message[]> {
    return this.waitUntil(`${count} media messages`, () => {
      const { media } = this
      return media.length < count ? null : media
    })
  }

  get #urlPath(): string {
    return `${this.#url.pathname.slice(1)}${this.#url.search}`
  }

  async #start(name: 'publish' | 'play', args: readonly Amf0Value[]): Promise<void> {
    this.#streamId = await this.createStream()
    const from = this.messages.length
    this.command(name, [null, ...args], this.#streamId)
    const wanted = name === 'publish' ? 'NetStream.Publish.Start' : 'NetStream.Play.Start'
    const status = await this.waitUntil(`the answer to ${name}`, () => {
      const statuses = this.messages.slice(from).filter(isOnStatus).map(statusOf)
      return statuses.find((each) => each?.code === wanted || each?.level === 'error') ?? null
    })
    if (status.level === 'error') {
      throw new RtmpClientError(`${status.code}: ${status.description}`)
    }
  }

  #sendMedia(type: number, chunkStreamId: number, timestamp: number, payload: Uint8Array): void {
    this.send({ type, streamId: this.#streamId, timestamp, chunkStreamId, payload })
  }
}

function splitPath(path: string): { app: string; stream: string } {
  const { path: bare } = parseStreamArgument(path)
  const slash = bare.lastIndexOf('/')
  return { app: bare.slice(0, slash), stream: path.replace(/^\/+/, '').slice(slash + 1) }
}

function isCommand(message: Message): boolean {
  return message.type === MessageType.commandAmf0 || message.type === MessageType.commandAmf3
}

function isMedia({ type, payload }: Message): boolean {
  const isData = type === MessageType.dataAmf0 && !Buffer.from(payload).includes('|RtmpSampleAccess')
  return type === MessageType.audio || type === MessageType.video || isData
}

function isOnStatus(message: Message): boolean {
  return isCommand(message) && decodeCommand(message).name === 'onStatus'
}

function statusOf(message: Message): RtmpStatus | null {
  if (!isCommand(message)) {
    return null
  }
  const { name, args, streamId } = decodeCommand(message)
  const information = args[0] as Amf0Object | undefined
  if (!name.startsWith('on') || typeof information !== 'object' || information === null) {
    return null
  }
  const { code, level, description } = information
  return { name, code: String(code), level: String(level), description: String(description), streamId }
}
