import { randomBytes } from 'node:crypto'
import { SERVER_NAME } from '../base/index.ts'
import { FlvTagReader, FlvTagType } from '../media/index.ts'
import { ChunkedBodyReader } from './chunked-body.ts'
import type { MediaKind, PlayerListener, PlayerProtocol, SendBytes } from './player-protocol.ts'
import { type ResponseHead, ResponseHeadReader } from './response-head.ts'
import { authorityOf, type LoadTarget } from './target.ts'
import { encodeClientControlFrame, WebSocketFrameReader, WebSocketOpcode } from './web-socket-frames.ts'

const KINDS: Readonly<Record<FlvTagType, MediaKind>> = {
  [FlvTagType.audio]: 'audio',
  [FlvTagType.video]: 'video',
  [FlvTagType.script]: 'data',
}

const STATUS_OK = 200
const STATUS_SWITCHING_PROTOCOLS = 101

/** Plays FLV over HTTP or WebSocket, by the protocol of its target. */
export class FlvPlay implements PlayerProtocol {
  readonly #target: LoadTarget
  readonly #stream: string
  readonly #listener: PlayerListener
  readonly #send: SendBytes
  #head: ResponseHeadReader | null = new ResponseHeadReader()
  #takeBody: ((bytes: Uint8Array) => void) | null = null
  #tags: FlvTagReader | null = new FlvTagReader()

  /** @param stream its name; folder and query are those of `target` */
  constructor(target: LoadTarget, stream: string, listener: PlayerListener, send: SendBytes) {
    this.#target = target
    this.#stream = stream
    this.#listener = listener
    this.#send = send
  }

  get #isWebSocket(): boolean {
    return this.#target.protocol === 'ws-flv'
  }

  begin(): void {
    const { app, query } = this.#target
    const upgrade = {
      upgrade: 'websocket',
      connection: 'Upgrade',
      'sec-websocket-key': randomBytes(16).toString('base64'),
      'sec-websocket-version': '13',
    }
    const headers = {
      host: authorityOf(this.#target),
      'user-agent': SERVER_NAME,
      accept: '*/*',
      ...(this.#isWebSocket ? upgrade : {}),
    }
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    // What is escaped already stays as it is.
    const path = encodeURI(`/${app}/${this.#stream}.flv${query}`).replaceAll('%25', '%')
    this.#send(Buffer.from(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1'))
    this.#listener.onAsked()
  }

  push(bytes: Uint8Array): void {
    if (this.#takeBody !== null) {
      this.#takeBody(bytes)
      return
    }
    const head = this.#head?.push(bytes) ?? null
    if (head !== null) {
      this.#head = null
      this.#onHead(head)
    }
  }

  count(): void {}

  stopParsing(): void {
    this.#takeBody = null
    this.#tags = null
  }

  /** Over WebSocket a pong that nobody asked for (RFC 6455, 5.5.3), as pings are not seen any more without parsing. */
  keepAlive(): void {
    if (this.#isWebSocket && this.#head === null) {
      this.#send(encodeClientControlFrame(WebSocketOpcode.pong, new Uint8Array(0)))
    }
  }

  #onHead({ status, headers, rest }: ResponseHead): void {
    if (status !== (this.#isWebSocket ? STATUS_SWITCHING_PROTOCOLS : STATUS_OK)) {
      this.#listener.onEnd(`HTTP ${status}`)
      return
    }
    this.#listener.onAccepted()
    const isChunked = /chunked/i.test(headers.get('transfer-encoding') ?? '')
    this.#takeBody = this.#isWebSocket
      ? this.#webSocketBody()
      : isChunked
        ? this.#chunkedBody()
        : (bytes) => this.#takeFlv(bytes)
    this.#takeBody(rest)
  }

  #takeFlv(bytes: Uint8Array): void {
    this.#tags?.push(bytes, (tag) => this.#listener.onMedia(KINDS[tag.type], tag.timestampMs, tag.body))
  }

  #chunkedBody(): (bytes: Uint8Array) => void {
    const body = new ChunkedBodyReader()
    return (bytes) => {
      body.push(bytes, (flv) => this.#takeFlv(flv))
      if (body.ended) {
        this.#listener.onEnd('the server ended the response')
      }
    }
  }

  #webSocketBody(): (bytes: Uint8Array) => void {
    const frames = new WebSocketFrameReader({
      onBytes: (bytes) => this.#takeFlv(bytes),
      onControl: (opcode, payload) => this.#onControl(opcode, payload),
    })
    return (bytes) => frames.push(bytes)
  }

  #onControl(opcode: number, payload: Uint8Array): void {
    if (opcode === WebSocketOpcode.ping) {
      this.#send(encodeClientControlFrame(WebSocketOpcode.pong, payload))
    } else if (opcode === WebSocketOpcode.close) {
      const [high = 0, low = 0, ...reason] = payload
      this.#listener.onEnd(`WebSocket ${high * 256 + low}: ${Buffer.from(reason).toString()}`)
    }
  }
}
