import {
  type BroadcastPlayer,
  dialectKey,
  type EndReason,
  type Stream,
  type WireDialect,
} from '../../live/index.ts'
import type { RtmpPublisher } from '../../rtmp/index.ts'
import { dialectOf, takesTrack } from '../rtmp-codecs.ts'
import { type RelayMetadata, RtmpFormat } from '../rtmp-format.ts'

/** A destination that is published to. */
export type ForwardConnection = Pick<
  RtmpPublisher,
  'sink' | 'chunkSize' | 'streamId' | 'capabilities' | 'closed' | 'close'
>

/** What was sent over a connection. */
export type ForwardCounts = Readonly<{
  /** Bytes handed to the socket. */
  bytes: number
  /** Frames, those of preludes excepted. */
  frames: number
  /** Skips to the newest keyframe. */
  skips: number
}>

const ALL_MEDIA = { audio: true, video: true } as const

/**
 * One connection to a destination, as long as it lasts: takes a place in the stream's broadcast, as a player does. So destinations
 * share the bytes, and one that is slow skips for itself alone.
 */
export class ForwardSession {
  /** Resolves when nothing more is sent, with why: the connection is gone, takes nothing, or `end` was called. */
  readonly ended: Promise<string>
  readonly #stream: Stream
  readonly #connection: ForwardConnection
  readonly #relay: RelayMetadata
  readonly #resolveEnded: (reason: string) => void
  readonly #stopListening: () => void
  readonly #bytesBefore: number
  #dialect: WireDialect | null = null
  #player: BroadcastPlayer | null = null
  /** Of places in broadcasts that were left for one in another dialect. */
  #left: Omit<ForwardCounts, 'bytes'> = { frames: 0, skips: 0 }

  /** @param connection closed by `close` @param trail the servers that the stream has come through, this one last */
  constructor(stream: Stream, connection: ForwardConnection, trail: RelayMetadata['trail']) {
    this.#stream = stream
    this.#connection = connection
    this.#relay = { as: 'publish', trail }
    this.#bytesBefore = connection.sink.bytesQueued
    const { promise, resolve } = Promise.withResolvers<string>()
    this.ended = promise
    this.#resolveEnded = resolve
    this.#stopListening = stream.onTrackChange(() => this.#enter())
    void connection.closed.then((error) => this.end(error?.message ?? 'the server closed the connection'))
    this.#enter()
  }

  /** What was sent so far. */
  get counts(): ForwardCounts {
    const { frames, skips } = this.#left
    return {
      bytes: this.#connection.sink.bytesQueued - this.#bytesBefore,
      frames: frames + (this.#player?.framesWritten ?? 0),
      skips: skips + (this.#player?.skips ?? 0),
    }
  }

  /** How far the destination is behind in taking what is sent, ms of media. */
  get lagMs(): number {
    return this.#player?.lagMs ?? 0
  }

  /** Audio that the destination can't take, and therefore does not get; null if it gets all. */
  get withheld(): string | null {
    return this.#takes('audio') ? null : (this.#stream.state.audio?.fourCc ?? null)
  }

  /** Sends nothing more. Idempotent. */
  end(reason: string): void {
    this.#leave()
    this.#stopListening()
    this.#resolveEnded(reason)
  }

  /** Unpublishes, and closes the connection when the destination has taken what was written, or took too long. Idempotent. */
  async close(): Promise<void> {
    this.end('it is closed')
    await this.#connection.close()
  }

  /** Takes its place in the broadcast that has what the destination reads. */
  #enter(): void {
    const { sink, chunkSize, streamId, capabilities } = this.#connection
    const { state } = this.#stream
    if (!this.#takes('video') || (!state.hasVideo && !this.#takes('audio'))) {
      const { fourCc } = (this.#takes('video') ? state.audio : state.video) ?? {}
      this.end(`the server did not announce that it takes ${fourCc}`)
      return
    }
    const dialect = dialectOf(capabilities, state, true)
    if (this.#dialect !== null && dialectKey(dialect) === dialectKey(this.#dialect)) {
      return
    }
    const after = this.#player?.lastTimestamp ?? undefined
    this.#leave()
    this.#dialect = dialect
    const onEnd = (reason: EndReason): void => this.end(reason.message)
    const format = new RtmpFormat(chunkSize, streamId, ALL_MEDIA, dialect, this.#relay)
    this.#player = this.#stream.broadcast(format).join(sink, { onEnd, after })
  }

  #takes(kind: 'audio' | 'video'): boolean {
    return takesTrack(kind, this.#stream.state[kind], this.#connection.capabilities, true)
  }

  #leave(): void {
    const player = this.#player
    if (player !== null) {
      this.#left = { frames: this.counts.frames, skips: this.counts.skips }
      this.#player = null
      player.leave()
    }
  }
}
