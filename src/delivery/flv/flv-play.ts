import { ProtocolError, RejectedError } from '../../base/index.ts'
import type { HttpReply, HttpRequest, HttpRouter, WebSocketExchange } from '../../http/index.ts'
import {
  type ClientProtocol,
  type EndReason,
  type LiveService,
  parseStreamName,
  queryOfHttp,
  type StreamRequest,
  type Viewing,
} from '../../live/index.ts'
import { FlvFormat } from './flv-format.ts'

/** What the FLV routes need. */
export type FlvRoutesSetup = Readonly<{
  /** Gets the routes. */
  http: HttpRouter
  /** The door to the streams. */
  live: LiveService
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
  const { live, nextClientId } = setup
  try {
    const name = parseStreamName(request.path.slice(0, -EXTENSION.length))
    const stream = live.registry.get(name)
    if (stream === undefined || stream.counters.publications === 0) {
      // An HTTP client can be told, and can try again; RTMP players have no way to be told, and wait.
      return { status: 404, message: `no stream is published as ${name.app}/${name.stream}` }
    }
    const client = { id: nextClientId(), protocol, address: request.address }
    return { viewing: await live.play(playRequest(request, name, client)) }
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

function playRequest(
  request: HttpRequest,
  name: StreamRequest['name'],
  client: StreamRequest['client'],
): StreamRequest {
  return {
    name,
    client,
    ...queryOfHttp(request.origin, request.parameters),
    tcUrl: `${request.origin}/${name.app}`,
    pageUrl: request.pageUrl,
    authorization: request.authorization,
  }
}
