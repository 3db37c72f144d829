import { RejectedError, type RelayTrail, redactSecrets, toError } from '../../base/index.ts'
import type { StreamName, StreamRequest } from '../../live/index.ts'
import type { Amf0Object } from '../../media/index.ts'
import { formatHostPort } from '../../net/index.ts'
import {
  type MediaPacket,
  RtmpPlayer,
  type RtmpPlayerOptions,
  RtmpRefusedError,
  type RtmpTarget,
} from '../../rtmp/index.ts'
import { hostOfVhost, parameterText } from './origin-url.ts'
import { type Upstream, type UpstreamConnection, UpstreamError } from './upstream.ts'

/** Where a stream is that is had by RTMP, and how it is asked for. */
export type RtmpUpstreamSetup = Readonly<{
  /** Whether the connection is TLS. */
  tls: boolean
  /** Name or IP address, without brackets. */
  host: string
  /** TCP port. */
  port: number
  /** What it is called there. */
  name: StreamName
  /** Time for the connection, and for its handshake, ms. */
  connectTimeoutMs: number
  /** Who asks, in the arguments of connect; null tells nothing. */
  whoAsks: Amf0Object | null
  /** Servers that the stream is pulled for, this one last, behind those of who asks. */
  trailFor: (asked: StreamRequest) => RelayTrail
}>

/** How long an origin may take to answer, ms: it may ask others whom to let in. */
const MAX_ANSWER_MS = 10_000

/** Says that there is no such stream, rather than that it is not for us. */
const NOT_FOUND = 'NetStream.Play.StreamNotFound'

/** A stream of another RTMP server. */
export class RtmpUpstream implements Upstream {
  readonly server: string
  readonly address: string
  readonly #setup: RtmpUpstreamSetup

  /** Nothing is connected until `connect`. */
  constructor(setup: RtmpUpstreamSetup) {
    this.#setup = setup
    const { tls, host, port, name } = setup
    this.server = `${tls ? 'rtmps' : 'rtmp'}://${formatHostPort(host, port)}`
    const vhost = hostOfVhost(name)
    this.address = `${this.server}/${name.app}/${name.stream}${vhost === null ? '' : `?vhost=${vhost}`}`
  }

  async connect(asked: StreamRequest, signal: AbortSignal): Promise<UpstreamConnection> {
    try {
      return new RtmpUpstreamConnection(
        await RtmpPlayer.play(this.#target(asked), this.#options(asked, signal)),
      )
    } catch (thrown) {
      throw toUpstreamError(this.address, thrown)
    }
  }

  #target(asked: StreamRequest): RtmpTarget {
    const { tls, host, port, name } = this.#setup
    const { app, stream } = name
    const scheme = tls ? 'rtmps' : 'rtmp'
    const isDefaultPort = port === (tls ? 443 : 1935)
    // As SRS has it: the virtual host stands for the server, which is told apart from others by the connection.
    const authority = hostOfVhost(name) ?? (host.includes(':') ? `[${host}]` : host)
    const tcUrl = `${scheme}://${authority}${isDefaultPort ? '' : `:${port}`}/${app}`
    return { tls, host, port, app, tcUrl, stream: `${stream}${parameterText(asked)}` }
  }

  #options(asked: StreamRequest, signal: AbortSignal): RtmpPlayerOptions {
    const { connectTimeoutMs, whoAsks, trailFor } = this.#setup
    return {
      connectTimeoutMs,
      handshakeTimeoutMs: connectTimeoutMs,
      answerTimeoutMs: MAX_ANSWER_MS,
      // Who pulls watches for silence of media, which pings are not.
      idleTimeoutMs: 0,
      signal,
      relayTrail: trailFor(asked),
      connectProperties: asked.pageUrl === '' ? {} : { pageUrl: asked.pageUrl },
      ...(whoAsks === null ? {} : { connectArguments: [whoAsks] }),
    }
  }
}

class RtmpUpstreamConnection implements UpstreamConnection {
  readonly #player: RtmpPlayer

  constructor(player: RtmpPlayer) {
    this.#player = player
  }

  get bytesReceived(): number {
    return this.#player.bytesReceived
  }

  async next(): Promise<MediaPacket | null> {
    try {
      const { value = null } = await this.#player.next()
      return value
    } catch (thrown) {
      throw toUpstreamError('the origin', thrown)
    }
  }

  close(): Promise<void> {
    return this.#player.close()
  }
}

function toUpstreamError(where: string, thrown: unknown): UpstreamError {
  const error = toError(thrown)
  if (error instanceof UpstreamError) {
    return error // the reason that it was ended for from this side
  }
  const message = `${where}: ${redactSecrets(error.message)}`
  if (error instanceof RtmpRefusedError && error.refusal.status === NOT_FOUND) {
    return new UpstreamError('not-found', message, { cause: error })
  }
  return new UpstreamError(error instanceof RejectedError ? 'refused' : 'unreachable', message, {
    cause: error,
  })
}
