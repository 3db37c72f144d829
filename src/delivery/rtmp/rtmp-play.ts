import type { Ms, RelayTrail } from '../../base/index.ts'
import {
  type BroadcastPlayer,
  type LiveService,
  type PlayProgress,
  type StreamRequest,
  takePass,
  type Viewing,
} from '../../live/index.ts'
import type {
  RtmpConnection,
  RtmpOutput,
  RtmpPlayback,
  RtmpStreamRequest,
  RtmpWantedMedia,
} from '../../rtmp/index.ts'
import { type RelayMetadata, RtmpFormat } from '../rtmp-format.ts'
import { type CodecListener, CodecWatch } from './codec-watch.ts'

/** How RTMP players are served. */
export type RtmpPlayOptions = Readonly<{
  /**
   * Players that announced no codec of Enhanced RTMP get HEVC, AV1, Opus and the like all the same. False, as the standard has
   * it: they are told that they can't play the stream. True is for players that know these codecs and don't say so. Default
   * false.
   */
  sendUnannouncedCodecs: boolean
}>

/** The defaults of `RtmpPlayOptions`. */
export const defaultRtmpPlayOptions: RtmpPlayOptions = { sendUnannouncedCodecs: false }

const NO_SUPPORTED_TRACK = 'NetStream.Play.NoSupportedTrackFound'

/** What an RTMP player is made of. */
type RtmpPlayerSetup = Readonly<{
  viewing: Viewing
  request: RtmpStreamRequest
  output: RtmpOutput
  connection: RtmpConnection
  options: RtmpPlayOptions
  /** Who this server is among servers that relay. */
  relayId: string
}>

/**
 * An RTMP player: a place in one of its stream's broadcasts. While it is paused, or wants nothing, it is in none, and so
 * costs nothing; it comes back at the first keyframe after what it has seen.
 */
class RtmpPlayer implements RtmpPlayback, CodecListener, PlayProgress {
  readonly #viewing: Viewing
  readonly #output: RtmpOutput
  readonly #connection: RtmpConnection
  readonly #codecs: CodecWatch
  /** Null if the player is no other server. */
  readonly #relay: RelayMetadata | null
  #started = false
  #over = false
  #paused = false
  #wanted: RtmpWantedMedia = { audio: true, video: true }
  #player: BroadcastPlayer | null = null
  #stopWaiting: (() => void) | null = null
  /** Where it left its last broadcast. */
  #seen: Ms | undefined
  #remainingMs: number | undefined
  /** Of the broadcasts that it has left. */
  #skips = 0

  constructor({ viewing, request, output, connection, options, relayId }: RtmpPlayerSetup) {
    this.#viewing = viewing
    this.#output = output
    this.#connection = connection
    this.#remainingMs = output.durationMs ?? undefined
    const trail = (): RelayTrail => [...(viewing.stream.publication?.relayTrail ?? []), relayId]
    this.#relay = request.connect.relayTrail.length === 0 ? null : { as: 'play', trail }
    this.#codecs = new CodecWatch({
      stream: viewing.stream,
      capabilities: request.connect.capabilities,
      sendUnannouncedCodecs: options.sendUnannouncedCodecs,
      listener: this,
    })
    viewing.report(this)
  }

  /** Media that it is behind, ms; 0 while it is paused. */
  get lagMs(): number {
    return this.#player?.lagMs ?? 0
  }

  /** How often it was too far behind and skipped to the newest keyframe. */
  get skips(): number {
    return this.#skips + (this.#player?.skips ?? 0)
  }

  start(): void {
    this.#codecs.start()
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
    this.#codecs.stop()
    this.#leave()
    this.#viewing.end({ code: 'disconnected', message })
  }

  #enter(): void {
    if (!this.#started || this.#over) {
      return
    }
    const { stream } = this.#viewing
    const onEnd: Parameters<typeof stream.onEnded>[0] = (reason) => {
      this.#codecs.stop()
      this.#viewing.end(reason)
      this.#output.end(reason.message, stream.ended)
    }
    if (this.#paused || !(this.#wanted.audio || this.#wanted.video)) {
      this.#stopWaiting = stream.onEnded(onEnd)
      return
    }
    const { sink, chunkSize, streamId } = this.#output
    const broadcast = stream.broadcast(
      new RtmpFormat(chunkSize, streamId, this.#wanted, this.#codecs.dialect, this.#relay),
    )
    this.#player = broadcast.join(sink, { onEnd, after: this.#seen, durationMs: this.#remainingMs })
  }

  onDialectChange(): void {
    this.#leave()
    this.#enter()
  }

  onAudioUnsupported(description: string): void {
    this.#tell('warning', description)
  }

  /** It can't play the stream: it is told so, and leaves. */
  onUnsupported(description: string): void {
    this.#leave()
    this.#over = true
    this.#tell('error', description)
    this.#viewing.end({ code: 'closed', message: description })
    this.#connection.close(description)
  }

  #tell(level: 'warning' | 'error', description: string): void {
    this.#connection.sendStatus(this.#output.streamId, { level, code: NO_SUPPORTED_TRACK, description })
  }

  #leave(): void {
    this.#stopWaiting?.()
    this.#stopWaiting = null
    const player = this.#player
    if (player !== null) {
      this.#player = null
      player.leave()
      this.#skips += player.skips
      this.#seen = player.lastTimestamp ?? this.#seen
      this.#remainingMs = this.#remainingMs === undefined ? undefined : this.#remainingMs - player.playedMs
    }
  }
}

/**
 * Admits an RTMP player.
 * @throws RejectedError if it or its virtual host is refused, ProtocolError if it names no stream
 */
export async function playRtmp(
  live: LiveService,
  request: RtmpStreamRequest,
  output: RtmpOutput,
  connection: RtmpConnection,
  options: RtmpPlayOptions = defaultRtmpPlayOptions,
): Promise<RtmpPlayback> {
  const { connect, vhost } = request
  const asked: StreamRequest = {
    name: live.nameStream(vhost, request.path),
    client: { id: connect.connectionId, protocol: 'rtmp', address: connect.address },
    vhost,
    ...takePass(request),
    tcUrl: connect.tcUrl,
    pageUrl: connect.pageUrl,
    swfUrl: connect.swfUrl,
    relayTrail: connect.relayTrail,
  }
  const viewing = await live.play(asked, connection)
  return new RtmpPlayer({ viewing, request, output, connection, options, relayId: live.relayId })
}
