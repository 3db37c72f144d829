import { type BroadcastPlayer, type LiveService, parseStreamName, type Viewing } from '../../live/index.ts'
import type { RtmpConnection, RtmpOutput, RtmpPlayback, RtmpStreamRequest } from '../../rtmp/index.ts'
import { RtmpFormat } from './rtmp-format.ts'

/** An RTMP player: a place in its stream's broadcast. */
class RtmpPlayer implements RtmpPlayback {
  readonly #viewing: Viewing
  readonly #output: RtmpOutput
  readonly #connection: RtmpConnection
  #player: BroadcastPlayer | null = null

  constructor(viewing: Viewing, output: RtmpOutput, connection: RtmpConnection) {
    this.#viewing = viewing
    this.#output = output
    this.#connection = connection
  }

  start(): void {
    const { sink, chunkSize, streamId } = this.#output
    const broadcast = this.#viewing.stream.broadcast(new RtmpFormat(chunkSize, streamId))
    this.#player = broadcast.join(sink, {
      onEnd: (reason) => {
        this.#viewing.end(reason)
        this.#connection.close(reason.message)
      },
    })
  }

  stop(message: string): void {
    this.#player?.leave()
    this.#viewing.end({ code: 'disconnected', message })
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
