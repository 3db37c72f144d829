import type { Socket } from 'node:net'
import { RejectedError, silentLogger } from '../../base/index.ts'
import { type BoundAddress, listenTcp, SocketSink, type TcpListener } from '../../net/index.ts'
import {
  ChunkWriter,
  defaultRtmpSessionOptions,
  type Message,
  MessageType,
  type RtmpOutput,
  type RtmpPlayback,
  type RtmpReceiver,
  type RtmpServerHandlers,
  RtmpServerSession,
} from '../../rtmp/index.ts'

/** What a server does wrong. */
export type Fault =
  | 'none'
  | 'says nothing'
  | 'closes at once'
  | 'S0 is 9'
  | 'S2 is random'
  | 'wants C1 in one packet'
  | 'wants C2 alone'
  | 'wants C2 soon'
  | 'refuses connect'
  | 'refuses publish'
  | 'relays nothing'
  | 'relays no data messages'
  | 'cuts long messages'
  | 'masks timestamps to 24 bits'
  | 'sends no headers at first'
  | 'lets everybody publish'
  | 'one slow player stops all'
  | 'dies of a bad client'

type Player = { output: RtmpOutput; writer: ChunkWriter }
type Channel = { players: Set<Player>; published: boolean; headers: Message[] }

/** Packets that are longer than this are cut by `cuts long messages`, bytes. */
const CUT_AT_BYTES = 20_000

/** A small RTMP relay of one process with one fault, to see whether the probes notice. */
export class FaultyServer {
  readonly #fault: Fault
  readonly #channels = new Map<string, Channel>()
  readonly #sockets = new Set<Socket>()
  #listener: TcpListener<BoundAddress> | null = null

  private constructor(fault: Fault) {
    this.#fault = fault
  }

  /** Starts it on a free port of 127.0.0.1. */
  static async start(fault: Fault): Promise<FaultyServer> {
    const server = new FaultyServer(fault)
    server.#listener = await listenTcp({ port: 0 }, 'RTMP', (socket) => server.#accept(socket))
    return server
  }

  /** `rtmp://127.0.0.1:port/live` */
  get url(): string {
    const { port } = this.#listener?.address ?? ({ port: 0 } as BoundAddress)
    return `rtmp://127.0.0.1:${port}/live`
  }

  /** Ends it with all its connections. */
  async stop(): Promise<void> {
    const closed = this.#listener?.close()
    for (const socket of this.#sockets) {
      socket.destroy()
    }
    await closed
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    switch (this.#fault) {
      case 'says nothing':
        socket.on('error', () => {}).resume()
        return
      case 'closes at once':
        socket.destroy()
        return
      case 'S0 is 9':
      case 'S2 is random':
      case 'wants C1 in one packet':
      case 'wants C2 alone':
      case 'wants C2 soon':
        this.#shakeHandsBadly(socket)
        return
      default:
        this.#serve(socket)
    }
  }

  /** Makes a handshake by hand, with the fault, and ends. */
  #shakeHandsBadly(socket: Socket): void {
    const sink = new SocketSink(socket)
    let received = 0
    let timer: NodeJS.Timeout | undefined
    socket.on('error', () => {})
    socket.once('close', () => clearTimeout(timer))
    socket.on('data', (bytes: Buffer) => {
      const isFirst = received === 0
      const before = received
      received += bytes.length
      if (isFirst && this.#fault === 'wants C1 in one packet' && bytes.length < 1537) {
        socket.destroy()
      } else if (before < 1537 && received >= 1537) {
        const answer = Buffer.alloc(3073, 0x5a)
        answer[0] = this.#fault === 'S0 is 9' ? 9 : 3
        sink.write(answer)
        timer = setTimeout(() => socket.destroy(), this.#fault === 'wants C2 soon' ? 100 : 3000)
      } else if (before >= 1537 && received > 3073 && this.#fault === 'wants C2 alone') {
        socket.destroy()
      }
    })
  }

  #serve(socket: Socket): void {
    new RtmpServerSession({
      id: 'c1',
      socket,
      handlers: this.#handlers(),
      options: defaultRtmpSessionOptions,
      // A client that breaks the rules is what is warned of.
      logger: { ...silentLogger, warn: () => this.#onBadClient() },
      onClose: () => {},
    })
  }

  #onBadClient(): void {
    if (this.#fault === 'dies of a bad client') {
      void this.stop()
    }
  }

  #handlers(): RtmpServerHandlers {
    return {
      connect: async () => {
        if (this.#fault === 'refuses connect') {
          throw new RejectedError('nobody may connect')
        }
      },
      publish: async ({ path }) => {
        const channel = this.#channel(path)
        if (
          this.#fault === 'refuses publish' ||
          (channel.published && this.#fault !== 'lets everybody publish')
        ) {
          throw new RejectedError('the stream is busy')
        }
        channel.published = true
        return this.#receiver(channel)
      },
      play: async ({ path }, output) => this.#player(this.#channel(path), output),
    }
  }

  #receiver(channel: Channel): RtmpReceiver {
    return {
      onMedia: (message) => {
        if (message.payload[1] === 0 && channel.headers.length < 2) {
          channel.headers.push(message)
        }
        this.#relay(channel, message)
      },
      onEnd: (code) => {
        channel.published = false
        if (code === 'disconnected') {
          this.#onBadClient()
        }
      },
    }
  }

  #player(channel: Channel, output: RtmpOutput): RtmpPlayback {
    const player = { output, writer: new ChunkWriter() }
    player.writer.chunkSize = output.chunkSize
    return {
      start: () => {
        channel.players.add(player)
        if (this.#fault !== 'sends no headers at first') {
          for (const message of channel.headers) {
            this.#send(player, message)
          }
        }
      },
      pause: () => {},
      receive: () => {},
      stop: () => {
        channel.players.delete(player)
      },
    }
  }

  #relay(channel: Channel, message: Message): void {
    const stopped = [...channel.players].some(({ output }) => output.sink.blocked)
    const held = this.#fault === 'one slow player stops all' && stopped
    if (this.#fault === 'relays nothing' || held) {
      return
    }
    for (const player of channel.players) {
      if (!player.output.sink.blocked) {
        this.#send(player, message)
      }
    }
  }

  #send({ output, writer }: Player, message: Message): void {
    const { payload, timestamp } = message
    if (message.type === MessageType.dataAmf0 && this.#fault === 'relays no data messages') {
      return
    }
    const isCut = this.#fault === 'cuts long messages' && payload.length > CUT_AT_BYTES
    const masked = this.#fault === 'masks timestamps to 24 bits' ? timestamp % 0x1000000 : timestamp
    output.sink.write(
      writer.encode({
        ...message,
        streamId: output.streamId,
        timestamp: masked,
        payload: isCut ? payload.subarray(0, CUT_AT_BYTES) : payload,
      }),
    )
  }

  #channel(path: string): Channel {
    const channel = this.#channels.get(path) ?? { players: new Set(), published: false, headers: [] }
    this.#channels.set(path, channel)
    return channel
  }
}
