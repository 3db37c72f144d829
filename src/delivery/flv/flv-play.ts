import { ProtocolError, RejectedError } from '../../base/index.ts'
import type { HttpReply, HttpRequest, HttpRouter, WebSocketExchange } from '../../http/index.ts'
import {
  type Absence,
  type ClientProtocol,
  type ConnectionTotals,
  type EndReason,
  type LiveService,
  queryOfHttp,
  streamKey,
  type Vhost,
  type VhostFinder,
  type Viewing,
  VirtualConnection,
} from '../../live/index.ts'
import { nodeHttp, type SocketSink } from '../../net/index.ts'
import { FlvFormat } from './flv-format.ts'

/** A virtual host, as far as the FLV routes need it. */
export type FlvVhost = Vhost &
  Readonly<{
    /** Whether HTTP-FLV and WebSocket-FLV are served. */
    flv: Readonly<{ enabled: boolean }>
  }>

/** What the FLV routes need. */
export type FlvRoutesSetup = Readonly<{
  /** Gets the routes. */
  http: HttpRouter
  /** The door to the streams. */
  live: LiveService
  /** Tell where FLV is served. */
  vhosts: VhostFinder<FlvVhost>
  /** Gives a new client's id, unique in this process. */
  nextClientId: () => string
}>

const EXTENSION = '.flv'

/** WebSocket close codes (RFC 6455, 7.4.1). */
const WEBSOCKET_NORMAL = 1000
const WEBSOCKET_POLICY_VIOLATION = 1008

/** Serves `/{app}/{stream}.flv` as an endless HTTP body and, to who asks for an upgrade, as WebSocket messages. */
export function serveFlv(setup: FlvRoutesSetup): void {
  setup.http.routeExtension(EXTENSION, (request, reply) => playHttp(setup, request, reply))
  setup.http.upgradeExtension(EXTENSION, (request, exchange) => playWebSocket(setup, request, exchange))
}

async function playHttp(setup: FlvRoutesSetup, request: HttpRequest, reply: HttpReply): Promise<void> {
  const connection = new VirtualConnection()
  const onGone = (listener: () => void): void => reply.onClose(listener)
  const admitted = await admit(setup, request, { protocol: 'http-flv', onGone, connection })
  if (!('viewing' in admitted)) {
    connection.close()
    const { status, message } = admitted
    if (status === 404) {
      reply.missing(message)
    } else {
      reply.send(status, TEXT_TYPE, `${message}\n`, status === 503 ? RETRY_SOON : {})
    }
    return
  }
  const { viewing } = admitted
  if (reply.closed) {
    viewing.end(CLIENT_LEFT)
    connection.close()
    return
  }
  const sink = reply.stream('video/x-flv')
  const player = viewing.stream.broadcast(FlvFormat.http).join(sink, {
    onEnd: (reason) => {
      viewing.end(reason)
      sink.end()
    },
  })
  viewing.report(player)
  connection.totals = totalsOf(request, sink)
  connection.onDisconnect = (reason) => player.end({ code: 'closed', message: reason })
  reply.onClose(() => {
    player.leave()
    viewing.end(CLIENT_LEFT)
    connection.close()
  })
}

async function playWebSocket(
  setup: FlvRoutesSetup,
  request: HttpRequest,
  exchange: WebSocketExchange,
): Promise<void> {
  const connection = new VirtualConnection()
  const onGone = (listener: () => void): void => exchange.onClose(listener)
  const admitted = await admit(setup, request, { protocol: 'ws-flv', onGone, connection })
  if (!('viewing' in admitted)) {
    connection.close()
    exchange.refuse(admitted.status, nodeHttp.STATUS_CODES[admitted.status] ?? '', admitted.message)
    return
  }
  const { viewing } = admitted
  const peer = await exchange.accept()
  if (peer === null) {
    viewing.end(CLIENT_LEFT)
    connection.close()
    return
  }
  const player = viewing.stream.broadcast(FlvFormat.webSocket).join(peer.sink, {
    onEnd: (reason) => {
      viewing.end(reason)
      peer.close(WEBSOCKET_NORMAL, 'the stream ended')
    },
  })
  viewing.report(player)
  connection.totals = totalsOf(request, peer.sink)
  connection.onDisconnect = (reason) => {
    player.leave()
    peer.close(WEBSOCKET_POLICY_VIOLATION, closeReason(reason))
    // Who is to leave is not waited for to say that it does.
    peer.sink.end()
  }
  peer.onClose(() => {
    player.leave()
    viewing.end(CLIENT_LEFT)
    connection.close()
  })
}

/** Bytes of the connection that came, and of the answer that went. */
function totalsOf(request: HttpRequest, sink: SocketSink): ConnectionTotals {
  return {
    get bytesReceived(): number {
      return request.bytesReceived()
    },
    get bytesSent(): number {
      return sink.bytesQueued
    },
  }
}

/** A reason of a close frame has 123 bytes at most (RFC 6455, 5.5). */
function closeReason(reason: string): string {
  return Buffer.from(reason)
    .subarray(0, 120)
    .toString()
    .replace(/\uFFFD+$/, '')
}

const CLIENT_LEFT: EndReason = { code: 'disconnected', message: 'the client closed the connection' }

/** Who asks, as far as it is known before it is let in. */
type FlvClient = Readonly<{
  protocol: ClientProtocol
  onGone: (listener: () => void) => void
  connection: VirtualConnection
}>

type Refusal = Readonly<{ status: number; message: string }>

/** Statuses for a stream that was to be fetched and is not there. */
const ABSENCE_STATUSES = { 'not-found': 404, refused: 403, unavailable: 503 } as const

const TEXT_TYPE = 'text/plain; charset=utf-8'
const RETRY_SOON = { 'retry-after': '2' }

/**
 * Asks whether the client may play a stream that there is, and waits for one that is fetched.
 * @param onGone calls a listener when the client has left
 */
async function admit(
  setup: FlvRoutesSetup,
  request: HttpRequest,
  { protocol, onGone, connection }: FlvClient,
): Promise<{ viewing: Viewing } | Refusal> {
  const { live, vhosts, nextClientId } = setup
  try {
    const query = queryOfHttp(request.origin, request.parameters)
    const name = live.nameStream(query.vhost, request.path.slice(0, -EXTENSION.length))
    const { pageUrl, authorization, relayTrail } = request
    const client = { id: nextClientId(), protocol, address: request.address }
    const tcUrl = `${request.origin}/${name.app}`
    const asked = { name, client, ...query, tcUrl, pageUrl, authorization, relayTrail }
    live.requireVhost('play', asked)
    if (!vhosts.get(name.vhost)?.flv.enabled) {
      return { status: 404, message: `FLV is switched off for ${name.vhost} (flv.enabled)` }
    }
    if (!live.mayHave(name)) {
      // An HTTP client can be told, and can try again; RTMP players have no way to be told, and wait.
      return { status: 404, message: `no stream is published as ${streamKey(name)}` }
    }
    const viewing = await live.play(asked, connection)
    const absence = await live.arrival(viewing, onGone)
    return absence === null ? { viewing } : refuse(viewing, absence)
  } catch (error) {
    connection.close()
    if (error instanceof ProtocolError) {
      return { status: 400, message: error.message }
    }
    if (error instanceof RejectedError) {
      return { status: 403, message: error.message }
    }
    throw error
  }
}

/** A viewer of a stream that is not there leaves. */
function refuse(viewing: Viewing, { code, reason }: Absence): Refusal {
  viewing.end({ code: 'closed', message: reason })
  return {
    status: ABSENCE_STATUSES[code],
    message: `the stream ${viewing.stream.key} can't be had: ${reason}`,
  }
}
