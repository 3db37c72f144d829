import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import type { Amf0Value } from '../../src/media/index.ts'
import {
  ChunkReader,
  ChunkWriter,
  type Command,
  decodeCommand,
  decodeControlValue,
  encodeCommand,
  type Message,
  MessageType,
  ServerHandshake,
} from '../../src/rtmp/index.ts'
import type { Scope } from './server.ts'

/** How a scripted server behaves. */
export type Script = Readonly<{
  /** Told of every command; answers with the peer's methods. Default: `answerAll`. */
  onCommand?: (command: Command, peer: ScriptedPeer) => void
  /** Takes the place of everything else. */
  onSocket?: (socket: Socket) => void
  /** TLS with this certificate. */
  tls?: TlsOptions
  /** Bytes go out one at a time. */
  byteByByte?: boolean
}>

/** One client, at a scripted server. */
export class ScriptedPeer {
  /** Every message of the client, protocol control included. */
  readonly messages: Message[] = []
  readonly socket: Socket
  /** How the client shook hands. */
  handshake = ''
  readonly #byteByByte: boolean
  readonly #writer = new ChunkWriter()

  constructor(socket: Socket, script: Script) {
    this.socket = socket
    this.#byteByByte = script.byteByByte ?? false
    const handshake = new ServerHandshake()
    const reader = new ChunkReader((message) => {
      this.messages.push(message)
      if (message.type === MessageType.commandAmf0) {
        const { onCommand = answerAll } = script
        onCommand(decodeCommand(message), this)
      }
    })
    let done = false
    socket.on('data', (bytes) => {
      if (done) {
        reader.push(bytes)
        return
      }
      const step = handshake.push(bytes)
      if (step.send !== null) {
        this.write(step.send)
      }
      this.handshake = handshake.kind ?? ''
      done = step.done
      reader.push(step.rest)
    })
  }

  /** The client's commands, decoded. */
  get commands(): Command[] {
    return this.messages.filter(({ type }) => type === MessageType.commandAmf0).map(decodeCommand)
  }

  /** The client's commands by name, in order. */
  get commandNames(): string[] {
    return this.commands.map(({ name }) => name)
  }

  /** The client's audio, video and data. */
  get media(): Message[] {
    const types: number[] = [MessageType.audio, MessageType.video, MessageType.dataAmf0]
    return this.messages.filter(({ type }) => types.includes(type))
  }

  /** Values of the client's messages of a protocol control type, e.g. acknowledgements. */
  controlValues(type: number): number[] {
    return this.messages
      .filter((message) => message.type === type)
      .map(({ payload }) => decodeControlValue(payload))
  }

  /** Sends a message. */
  send(message: Message): void {
    this.write(this.#writer.encode(message))
  }

  /** Sends any bytes. */
  write(bytes: Uint8Array): void {
    if (!this.#byteByByte) {
      this.socket.write(bytes)
      return
    }
    for (const byte of bytes) {
      this.socket.write(Uint8Array.of(byte))
    }
  }

  /** Answers a command with `_result`, or another name. */
  answer({ transactionId }: Command, values: readonly Amf0Value[], name = '_result'): void {
    this.send(encodeCommand(name, transactionId, values))
  }

  /** Sends an onStatus. */
  status(code: string, level = 'status', more: Readonly<Record<string, Amf0Value>> = {}, streamId = 1): void {
    this.send(
      encodeCommand('onStatus', 0, [null, { level, code, description: `says ${code}`, ...more }], streamId),
    )
  }
}

/** Lets everybody connect, publish and play. */
export function answerAll(command: Command, peer: ScriptedPeer): void {
  switch (command.name) {
    case 'connect':
      peer.answer(command, [{ fmsVer: 'test' }, { level: 'status', code: 'NetConnection.Connect.Success' }])
      return
    case 'createStream':
      peer.answer(command, [null, 1])
      return
    case 'publish':
      peer.status('NetStream.Publish.Start')
      return
    case 'play':
      peer.status('NetStream.Play.Reset')
      peer.status('NetStream.Play.Start')
  }
}

/** An RTMP server that does as its script says, on a free port of 127.0.0.1. */
export class ScriptedRtmpServer {
  /** Clients so far. */
  readonly peers: ScriptedPeer[] = []
  readonly #script: Script
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(script: Script) {
    this.#script = script
    const accept = (socket: Socket): void => this.#accept(socket)
    this.#server = script.tls === undefined ? createServer(accept) : createTlsServer(script.tls, accept)
  }

  /** Starts it; it is closed after the test. */
  static async listen(scope: Scope, script: Script = {}): Promise<ScriptedRtmpServer> {
    const server = new ScriptedRtmpServer(script)
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve))
    scope.onTestFinished(async () => {
      for (const socket of server.#sockets) {
        socket.destroy()
      }
      await new Promise<void>((resolve) => server.#server.close(() => resolve()))
    })
    return server
  }

  /** `rtmp://127.0.0.1:port/live/demo`, or with `rtmps`. */
  get url(): string {
    const address = this.#server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    return `${this.#script.tls === undefined ? 'rtmp' : 'rtmps'}://127.0.0.1:${port}/live/demo`
  }

  /** The newest client. @throws Error if there is none */
  get peer(): ScriptedPeer {
    const peer = this.peers.at(-1)
    if (peer === undefined) {
      throw new Error('no client has come')
    }
    return peer
  }

  /** Connections that are open. */
  get openSockets(): number {
    return this.#sockets.size
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    // Clients under test leave in all ways there are.
    socket.on('error', () => {})
    if (this.#script.onSocket === undefined) {
      this.peers.push(new ScriptedPeer(socket, this.#script))
    } else {
      this.#script.onSocket(socket)
      // Unread, the client's end would not be noticed.
      socket.resume()
    }
  }
}
