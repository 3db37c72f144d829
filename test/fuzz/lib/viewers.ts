import { createConnection, type Socket } from 'node:net'
import { FlvTagReader } from '../../../src/media/index.ts'
import { RtmpClient } from '../../support/rtmp-client.ts'
import { Finding, refusalOf } from './target.ts'

/** The header of an HTTP answer ends here. */
const HEADER_END = '\r\n\r\n'

/** Players of one stream over RTMP and HTTP-FLV: whatever is published there, they stay, and can read what they get. */
export class Viewers {
  readonly #rtmp: RtmpClient
  readonly #socket: Socket
  readonly #reader = new FlvTagReader()
  #header = ''
  #failure: unknown = null
  #ended = false

  private constructor(rtmp: RtmpClient, socket: Socket) {
    this.#rtmp = rtmp
    this.#socket = socket
    socket.on('data', (bytes: Uint8Array) => this.#onData(bytes))
    socket.on('error', (error) => this.#fail(error))
    socket.on('close', () => this.#fail(new Error('the HTTP-FLV player was disconnected')))
    void rtmp.closed.then((error) => this.#fail(error ?? new Error('the RTMP player was disconnected')))
  }

  /** Begins to play `path`. */
  static async start(rtmpUrl: string, httpUrl: string, path: string): Promise<Viewers> {
    // HTTP-FLV waits for publishers of streams that were published before, not of any.
    const publisher = await RtmpClient.connect(rtmpUrl)
    await publisher.publish(path)
    const rtmp = await RtmpClient.connect(rtmpUrl)
    await rtmp.play(path)
    await publisher.end()
    const socket = createConnection({ port: Number(new URL(httpUrl).port), host: '127.0.0.1' })
    socket.write(`GET /${path}.flv HTTP/1.1\r\nHost: host\r\n\r\n`)
    return new Viewers(rtmp, socket)
  }

  /** Throws a Finding if a player was disconnected or got what it can't read. */
  check(): void {
    this.#rtmp.messages.length = 0
    if (this.#failure !== null) {
      throw new Finding(`a player of the strangers' stream: ${this.#failure}`, { cause: this.#failure })
    }
  }

  /** Ends them. */
  async stop(): Promise<void> {
    this.#ended = true
    this.#socket.destroy()
    await this.#rtmp.destroy()
  }

  #onData(bytes: Uint8Array): void {
    let body = bytes
    if (!this.#header.includes(HEADER_END)) {
      this.#header += Buffer.from(bytes).toString('latin1')
      const end = this.#header.indexOf(HEADER_END)
      if (end < 0) {
        return
      }
      body = Buffer.from(this.#header.slice(end + HEADER_END.length), 'latin1')
      this.#header = this.#header.slice(0, end + HEADER_END.length)
    }
    try {
      this.#reader.push(body, () => {})
    } catch (error) {
      this.#fail(refusalOf(error))
    }
  }

  #fail(error: unknown): void {
    if (!this.#ended) {
      this.#failure ??= error
    }
  }
}
