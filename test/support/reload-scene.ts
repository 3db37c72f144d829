import type { Server, ServerSettings } from '../../src/index.ts'
import { createServer } from '../../src/index.ts'
import { flvTag } from './flv.ts'
import { playHttpFlv, playRtmp, playWebSocketFlv, type TagPlayer } from './players.ts'
import { RtmpClient } from './rtmp-client.ts'
import { RecordingLogger, type Scope } from './server.ts'
import { waitFor } from './wait.ts'
import { ask } from './web.ts'

/** How a player watches. */
export type PlayerKind = 'rtmp' | 'flv' | 'ws' | 'hls'

/** Somebody who asks for a stream. */
export type Visitor = Readonly<{
  /** By the name that it gives itself. */
  who: string
  kind: PlayerKind | 'publisher'
  /** The virtual host that it asks for. */
  vhost: string
  /** The stream's name; its application is `live`. */
  stream: string
}>

/** How often the publisher sends a picture, ms; one is 40 ms of media. */
const PICTURE_INTERVAL_MS = 10
const PICTURE_MS = 40

/** A server with a publisher and players on sockets of their own, and whether each is still there. */
export class ReloadScene {
  readonly server: Server
  readonly log: RecordingLogger
  readonly #scope: Scope
  /** By the client's id. */
  readonly #names = new Map<string, string>()
  readonly #stopped = new Set<string>()
  readonly #players = new Map<string, TagPlayer>()
  readonly #publishers = new Map<string, RtmpClient>()
  readonly #closedPublishers = new Set<string>()
  readonly #rtmpUrl: string
  readonly #httpUrl: string

  private constructor(scope: Scope, server: Server, log: RecordingLogger) {
    this.#scope = scope
    this.server = server
    this.log = log
    this.#rtmpUrl = server.rtmpUrl
    this.#httpUrl = server.httpUrl
    for (const event of ['publish', 'play'] as const) {
      server.on(event, ({ client, parameters }) => {
        this.#names.set(client.id, parameters.get('who') ?? '')
      })
    }
    for (const event of ['unpublish', 'stop'] as const) {
      server.on(event, ({ client }) => this.#stopped.add(this.nameOf(client.id)))
    }
  }

  /** Starts a server that listens for RTMP and HTTP. */
  static async start(scope: Scope, settings: ServerSettings): Promise<ReloadScene> {
    const log = new RecordingLogger()
    const server = await createServer({ ...settings, logger: log })
    scope.onTestFinished(() => server.close())
    return new ReloadScene(scope, server, log)
  }

  /** What the client with that id calls itself; the id if it has not said. */
  nameOf(id: string): string {
    return this.#names.get(id) ?? id
  }

  /** Lets somebody in; resolves when it publishes or plays. */
  async enter(visitor: Visitor): Promise<void> {
    const { who, kind, vhost, stream } = visitor
    const query = `vhost=${vhost}&who=${who}`
    const path = `/live/${stream}`
    switch (kind) {
      case 'publisher':
        await this.#publish(who, `${this.#rtmpUrl}${path}?${query}`)
        break
      case 'rtmp':
        this.#players.set(who, await playRtmp(this.#scope, `${this.#rtmpUrl}${path}?${query}`))
        break
      case 'flv':
        this.#players.set(who, await playHttpFlv(this.#scope, `${this.#httpUrl}${path}.flv?${query}`))
        break
      case 'ws': {
        const url = this.#httpUrl.replace('http', 'ws')
        this.#players.set(who, await playWebSocketFlv(this.#scope, `${url}${path}.flv?${query}`))
        break
      }
      case 'hls': {
        const { status, body } = await ask(`${this.#httpUrl}${path}.m3u8?${query}`)
        if (status !== 200) {
          throw new Error(`HLS is answered ${status}: ${body}`)
        }
      }
    }
    await waitFor(`${who} begins`, () => [...this.#names.values()].includes(who))
  }

  /** Whether somebody has lost its connection; of a viewer of HLS, its session. */
  isCut({ who, kind }: Visitor): boolean {
    switch (kind) {
      case 'publisher':
        return this.#closedPublishers.has(who)
      case 'hls':
        return this.#stopped.has(who)
      default:
        return this.#players.get(who)?.closed !== null
    }
  }

  /** Waits until somebody who watches what is published has got more than there is now. */
  async goesOn({ who }: Visitor, mediaMs = 200): Promise<void> {
    const player = this.#players.get(who)
    await player?.reaches(player.newestMs + mediaMs)
  }

  async #publish(who: string, url: string): Promise<void> {
    const publisher = await RtmpClient.connect(url)
    this.#scope.onTestFinished(() => publisher.destroy())
    await publisher.publish()
    this.#publishers.set(who, publisher)
    let timestamp = 0
    const send = ({ body }: { body: Uint8Array }): void => publisher.sendVideo(timestamp, body)
    send(flvTag.videoHeader(0))
    const timer = setInterval(() => {
      send(flvTag.key(timestamp))
      timestamp += PICTURE_MS
    }, PICTURE_INTERVAL_MS)
    publisher.on('close', () => {
      clearInterval(timer)
      this.#closedPublishers.add(who)
    })
  }
}
