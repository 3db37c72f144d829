import { ProtocolError, RejectedError } from '../../base/index.ts'
import type { HttpReply, HttpRequest, HttpRouter, WebSocketExchange } from '../../http/index.ts'
import {
  type ClientProtocol,
  type EndReason,
  type LiveService,
  queryOfHttp,
  streamKey,
  type Vhost,
  type VhostFinder,
  type Viewing,
} from '../../live/index.ts'
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

/** Serves `/{app}/{stream}.flv` as an endless HTTP body and, to who asks for an upgrade, as WebSocket messages. */
export function serveFlv(setup: FlvRoutesSetup): void {
  setup.http.routeExtension(EXTENSION, (request, reply) => playHttp(setup, request, reply))
  setup.http.upgradeExtension(EXTENSION, (request, exchange) => playWebSocket(setup, request, exchange))
}

async function playHttp(setup: FlvRoutesSetup, request: HttpRequest, reply: HttpReply): Promise<void> {
  const admitted = await admit(setup, request, 'http-flv')
  if (!('viewing' in admitted)) {
    const { status, message } = admitted
    if (status === 404) {
      reply.missing(message)
    } else {
      reply.send(status, 'text/plain; charset=utf-8', `${message}\n`)
    }
    return
  }
  const { viewing } = admitted
  if (reply.closed) {
    viewing.end(CLIENT_LEFT)
    return
  }
  const sink = reply.stream('video/x-flv')
  const player = viewing.stream.broadcast(FlvFormat.http).join(sink, {
    onEnd: (reason) => {
      viewing.end(reason)
      sink.end()
    },
  })
  reply.onClose(() => {
    player.leave()
    viewing.end(CLIENT_LEFT)
  })
}

async function playWebSocket(
  setup: FlvRoutesSetup,
  request: HttpRequest,
  exchange: WebSocketExchange,
): Promise<void> {
  const admitted = await admit(setup, request, 'ws-flv')
  if (!('viewing' in admitted)) {
    exchange.refuse(admitted.status, admitted.status === 404 ? 'Not Found' : 'Forbidden', admitted.message)
    return
  }
  const { viewing } = admitted
  const peer = await exchange.accept()
  if (peer === null) {
    viewing.end(CLIENT_LEFT)
    return
  }
  const player = viewing.stream.broadcast(FlvFormat.webSocket).join(peer.sink, {
    onEnd: (reason) => {
      viewing.end(reason)
      peer.close(WEBSOCKET_NORMAL, 'the stream ended')
    },
  })
  peer.onClose(() => {
    player.leave()
    viewing.end(CLIENT_LEFT)
  })
}

const CLIENT_LEFT: EndReason = { code: 'disconnected', message: 'the client closed the connection' }

type Refusal = Readonly<{ status: number; message: string }>

/** Asks whether the client may play a stream that there is. */
async function admit(
  setup: FlvRoutesSetup,
  request: HttpRequest,
  protocol: ClientProtocol,
): Promise<{ viewing: Viewing } | Refusal> {
  const { live, vhosts, nextClientId } = setup
  try {
    const query = queryOfHttp(request.origin, request.parameters)
    const name = live.nameStream(query.vhost, request.path.slice(0, -EXTENSION.length))
    const { pageUrl, authorization } = request
    const client = { id: nextClientId(), protocol, address: request.address }
    const tcUrl = `${request.origin}/${name.app}`
    const asked = { name, client, ...query, tcUrl, pageUrl, authorization }
    live.requireVhost('play', asked)
    if (!vhosts.get(name.vhost)?.flv.enabled) {
      return { status: 404, message: `FLV is switched off for ${name.vhost} (flv.enabled)` }
    }
    const stream = live.registry.get(name)
    if (stream === undefined || stream.counters.publications === 0) {
      // An HTTP client can be told, and can try again; RTMP players have no way to be told, and wait.
      return { status: 404, message: `no stream is published as ${streamKey(name)}` }
    }
    return { viewing: await live.play(asked) }
  } catch (error) {
    if (error instanceof ProtocolError) {
      return { status: 400, message: error.message }
    }
    if (error instanceof RejectedError) {
      return { status: 403, message: error.message }
    }
    throw error
  }
}
