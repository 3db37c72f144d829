import {
  ProtocolError,
  RELAY_TRAIL_HEADER,
  type RelayTrail,
  redactSecrets,
  toError,
  writeRelayTrail,
} from '../../base/index.ts'
import { HttpFlvStream, HttpStatusError } from '../../http/index.ts'
import type { StreamName, StreamRequest } from '../../live/index.ts'
import { type FlvTag, FlvTagType } from '../../media/index.ts'
import { formatHostPort } from '../../net/index.ts'
import type { MediaPacket } from '../../rtmp/index.ts'
import { hostOfVhost, parameterText } from './origin-url.ts'
import { type Upstream, type UpstreamConnection, UpstreamError, type UpstreamFault } from './upstream.ts'

/** Where a stream is that is had by FLV over HTTP, and how it is asked for. */
export type FlvUpstreamSetup = Readonly<{
  /** Whether it is HTTPS. */
  tls: boolean
  /** Name or IP address, without brackets. */
  host: string
  /** TCP port. */
  port: number
  /** What it is called there; the virtual host is told as `vhost=`. */
  name: StreamName
  /** Time for the connection, ms. */
  connectTimeoutMs: number
  /** Servers that the stream is pulled for, this one last, behind those of who asks. */
  trailFor: (asked: StreamRequest) => RelayTrail
}>

/** How long an origin may take to answer, ms: it may be an edge, and ask its own origins first. */
const MAX_ANSWER_MS = 20_000

const KINDS: Readonly<Record<FlvTagType, MediaPacket['kind']>> = {
  [FlvTagType.audio]: 'audio',
  [FlvTagType.video]: 'video',
  [FlvTagType.script]: 'data',
}

/** A stream of another server over HTTP. */
export class FlvUpstream implements Upstream {
  readonly server: string
  readonly address: string
  readonly #setup: FlvUpstreamSetup

  /** Nothing is connected until `connect`. */
  constructor(setup: FlvUpstreamSetup) {
    this.#setup = setup
    const { tls, host, port, name } = setup
    this.server = `${tls ? 'https' : 'http'}://${formatHostPort(host, port)}`
    const vhost = hostOfVhost(name)
    const path = [...name.app.split('/'), name.stream].map((part) => encodeURIComponent(part.toWellFormed()))
    this.address = `${this.server}/${path.join('/')}.flv${vhost === null ? '' : `?vhost=${vhost}`}`
  }

  async connect(asked: StreamRequest, signal: AbortSignal): Promise<UpstreamConnection> {
    const { connectTimeoutMs, trailFor } = this.#setup
    const query = parameterText(asked)
    const url = `${this.address}${this.address.includes('?') ? query.replace('?', '&') : query}`
    const trail = trailFor(asked)
    const headers: Record<string, string> = {}
    if (trail.length > 0) {
      headers[RELAY_TRAIL_HEADER] = writeRelayTrail(trail)
    }
    if (asked.pageUrl !== '') {
      headers.referer = asked.pageUrl
    }
    if (asked.authorization !== undefined && asked.authorization !== '') {
      headers.authorization = asked.authorization
    }
    try {
      // Who pulls watches for silence of media.
      const options = { connectTimeoutMs, answerTimeoutMs: MAX_ANSWER_MS, idleTimeoutMs: 0, headers, signal }
      return new FlvUpstreamConnection(await HttpFlvStream.open(url, options))
    } catch (thrown) {
      throw toUpstreamError(thrown)
    }
  }
}

class FlvUpstreamConnection implements UpstreamConnection {
  readonly #stream: HttpFlvStream

  constructor(stream: HttpFlvStream) {
    this.#stream = stream
  }

  get bytesReceived(): number {
    return this.#stream.bytesReceived
  }

  async next(): Promise<MediaPacket | null> {
    let tag: FlvTag | null
    try {
      tag = await this.#stream.next()
    } catch (thrown) {
      throw toUpstreamError(thrown)
    }
    return tag === null ? null : { kind: KINDS[tag.type], timestamp: tag.timestampMs, body: tag.body }
  }

  close(): Promise<void> {
    return this.#stream.close()
  }
}

function toUpstreamError(thrown: unknown): UpstreamError {
  const error = toError(thrown)
  if (error instanceof UpstreamError) {
    return error // the reason that it was ended for from this side
  }
  return new UpstreamError(faultOf(error), redactSecrets(error.message), { cause: error })
}

function faultOf(error: Error): UpstreamFault {
  if (error instanceof HttpStatusError) {
    const { status } = error
    if (status === 404) {
      return 'not-found'
    }
    return status >= 400 && status < 500 ? 'refused' : 'unreachable'
  }
  // What is no FLV is no stream: the server is there.
  return error instanceof ProtocolError ? 'refused' : 'unreachable'
}
