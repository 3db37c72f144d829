import { connect, type Socket } from 'node:net'
import WebSocket from 'ws'
import { FlvTagReader } from '../../src/media/index.ts'
import { MessageType } from '../../src/rtmp/index.ts'
import { RtmpClient } from './rtmp-client.ts'
import type { Scope } from './server.ts'
import { describeFlvTag, describeTag, TagList } from './tags.ts'
import { waitFor } from './wait.ts'

/** A player on a connection: looks at what it gets and keeps no media. */
export abstract class TagPlayer extends TagList {
  /** Why the connection is closed; null while it is open. */
  closed: string | null = null

  /** Stops reading, so that the server's output backs up. */
  abstract pauseReading(): void

  /** Reads again. */
  abstract resumeReading(): void

  /** Leaves at once. */
  abstract leave(): void

  /** Waits until there is media at or past a time, ms. @throws Error if the connection is closed before */
  async reaches(timeMs: number, timeoutMs?: number): Promise<void> {
    const soFar = () => `media at ${timeMs} ms; there is some to ${this.newestMs} ms`
    await waitFor(soFar, () => this.requireOpen().newestMs >= timeMs, timeoutMs)
  }

  /** @throws Error if the connection is closed */
  requireOpen(): this {
    if (this.closed !== null) {
      throw new Error(`the player's connection is closed: ${this.closed}`)
    }
    return this
  }
}

class HttpFlvPlayer extends TagPlayer {
  readonly #socket: Socket
  readonly #reader = new FlvTagReader()
  #header = ''

  constructor(url: URL) {
    super()
    this.#socket = connect({ host: url.hostname, port: Number(url.port) })
    this.#socket.write(`GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`)
    this.#socket.on('data', (bytes: Buffer) => this.#onData(bytes))
    this.#socket.on('error', (error) => {
      this.closed ??= error.message
    })
    this.#socket.on('close', () => {
      this.closed ??= `closed by the server${this.#header.includes('200 OK') ? '' : `: ${this.#header}`}`
    })
  }

  get started(): boolean {
    return this.#header.endsWith('\r\n\r\n')
  }

  pauseReading(): void {
    this.#socket.pause()
  }

  resumeReading(): void {
    this.#socket.resume()
  }

  leave(): void {
    this.#socket.destroy()
  }

  #onData(bytes: Buffer): void {
    let body = bytes
    if (!this.started) {
      const text = this.#header + bytes.toString('latin1')
      const end = text.indexOf('\r\n\r\n')
      const headerEnd = end < 0 ? text.length : end + 4
      body = bytes.subarray(headerEnd - this.#header.length)
      this.#header = text.slice(0, headerEnd)
    }
    if (this.#header.startsWith('HTTP/1.1 200')) {
      this.#reader.push(body, (tag) => this.tags.push(describeFlvTag(tag)))
    }
  }
}

class WebSocketFlvPlayer extends TagPlayer {
  readonly #webSocket: WebSocket
  readonly #reader = new FlvTagReader()

  constructor(url: string) {
    super()
    this.#webSocket = new WebSocket(url)
    this.#webSocket.on('message', (data: Buffer) =>
      this.#reader.push(data, (tag) => this.tags.push(describeFlvTag(tag))),
    )
    this.#webSocket.on('error', (error) => {
      this.closed ??= error.message
    })
    this.#webSocket.on('close', (code) => {
      this.closed ??= `closed by the server with ${code}`
    })
  }

  get started(): boolean {
    return this.#webSocket.readyState === WebSocket.OPEN
  }

  pauseReading(): void {
    this.#webSocket.pause()
  }

  resumeReading(): void {
    this.#webSocket.resume()
  }

  leave(): void {
    this.#webSocket.terminate()
  }
}

const KINDS = new Map<number, 'audio' | 'video' | 'data'>([
  [MessageType.audio, 'audio'],
  [MessageType.video, 'video'],
  [MessageType.dataAmf0, 'data'],
])

class RtmpPlayer extends TagPlayer {
  readonly #client: RtmpClient

  constructor(client: RtmpClient) {
    super()
    this.#client = client
    client.on('message', ({ type, timestamp, payload }) => {
      const kind = KINDS.get(type)
      if (kind !== undefined) {
        this.tags.push(describeTag(kind, timestamp, payload))
      }
    })
    client.on('close', (error) => {
      this.closed ??= error?.message ?? 'closed by the server'
    })
  }

  pauseReading(): void {
    this.#client.pauseReading()
  }

  resumeReading(): void {
    this.#client.resumeReading()
  }

  leave(): void {
    void this.#client.destroy()
  }
}

/** Plays HTTP-FLV; resolves when the server has begun to answer. */
export async function playHttpFlv(scope: Scope, url: string): Promise<TagPlayer> {
  const player = new HttpFlvPlayer(new URL(url))
  scope.onTestFinished(() => player.leave())
  await waitFor(`an answer for ${url}`, () => player.requireOpen().started)
  return player
}

/** Plays WebSocket-FLV; resolves when the WebSocket is open. */
export async function playWebSocketFlv(scope: Scope, url: string): Promise<TagPlayer> {
  const player = new WebSocketFlvPlayer(url)
  scope.onTestFinished(() => player.leave())
  await waitFor(`an answer for ${url}`, () => player.requireOpen().started)
  return player
}

/** Plays RTMP; resolves when the server has said that it begins. */
export async function playRtmp(scope: Scope, url: string): Promise<TagPlayer> {
  const client = await RtmpClient.connect(url)
  const player = new RtmpPlayer(client)
  scope.onTestFinished(() => player.leave())
  await client.play()
  return player
}
