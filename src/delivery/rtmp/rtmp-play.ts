import type { Ms } from '../../base/index.ts'
import { type BroadcastPlayer, type LiveService, parseStreamName, type Viewing } from '../../live/index.ts'
import type {
  RtmpConnection,
  RtmpOutput,
  RtmpPlayback,
  RtmpStreamRequest,
  RtmpWantedMedia,
} from '../../rtmp/index.ts'
import { RtmpFormat } from './rtmp-format.ts'

/**
 * An RTMP player: a place in one of its stream's broadcasts. While it is paused, or wants nothing, it is in none, and so
 * costs nothing; it comes back at the first keyframe after what it has seen.
 */
class RtmpPlayer implements RtmpPlayback {
  readonly #viewing: Viewing
  readonly #output: RtmpOutput
  readonly #connection: RtmpConnection
  #started = false
  #paused = false
  #wanted: RtmpWantedMedia = { audio: true, video: true }
  #player: BroadcastPlayer | null = null
  #stopWaiting: (() => void) | null = null
  /** Where it left its last broadcast. */
  #seen: Ms | undefined
  #remainingMs: number | undefined

  constructor(viewing: Viewing, output: RtmpOutput, connection: RtmpConnection) {
    this.#viewing = viewing
    this.#output = output
    this.#connection = connection
    this.#remainingMs = output.durationMs ?? undefined
  }

  start(): void {
    this.#started = true
    this.#enter()
  }

  pause(paused: boolean): void {
    if (paused !== this.#paused) {
      this.#leave()
      this.#paused = paused
      this.#enter()
    }
  }

  receive(wanted: RtmpWantedMedia): void {
    if (wanted.audio !== this.#wanted.audio || wanted.video !== this.#wanted.video) {
      this.#leave()
      this.#wanted = wanted
      this.#enter()
    }
  }

  stop(message: string): void {
    this.#leave()
    this.#viewing.end({ code: 'disconnected', message })
  }

  #enter(): void {
    if (!this.#started) {
      return
    }
    const { stream } = this.#viewing
    const onEnd: Parameters<typeof stream.onEnded>[0] = (reason) => {
      this.#viewing.end(reason)
      this.#connection.close(reason.message)
    }
    if (this.#paused || !(this.#wanted.audio || this.#wanted.video)) {
      this.#stopWaiting = stream.onEnded(onEnd)
      return
    }
    const { sink, chunkSize, streamId } = this.#output
    const broadcast = stream.broadcast(new RtmpFormat(chunkSize, streamId, this.#wanted))
    this.#player = broadcast.join(sink, { onEnd, after: this.#seen, durationMs: this.#remainingMs })
  }

  #leave(): void {
    this.#stopWaiting?.()
    this.#stopWaiting = null
    const player = this.#player
    if (player !== null) {
      this.#player = null
      player.leave()
      this.#seen = player.lastTimestamp ?? this.#seen
      this.#remainingMs = this.#remainingMs === undefined ? undefined : this.#remainingMs - player.playedMs
    }
  }
}

/**
 * Admits an RTMP player.
 * @throws RejectedError if it is refused, ProtocolError if it names no stream
 */
export async function playRtmp(
  live: LiveService,
  request: RtmpStreamRequest,
  output: RtmpOutput,
  connection: RtmpConnection,
): Promise<RtmpPlayback> {
  const { connect, vhost, parameters, param } = request
  const viewing = await live.play({
    name: parseStreamName(request.path),
    client: { id: connect.connectionId, protocol: 'rtmp', address: connect.address },
    vhost,
    parameters,
    param,
    tcUrl: connect.tcUrl,
    pageUrl: connect.pageUrl,
  })
  return new RtmpPlayer(viewing, output, connection)
}
