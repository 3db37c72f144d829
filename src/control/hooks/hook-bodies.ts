import { DEFAULT_VHOST, type ServerIdentity, streamIdOf } from '../../base/index.ts'
import { type ConnectionTotals, type StreamRequest, streamKey } from '../../live/index.ts'

/** Of an FFmpeg beside the server, as which hooks know what is ingested in this process. */
const LOCAL_ENCODER_ADDRESS = '127.0.0.1'

/** An event about a stream or a client; on_close has the bytes of the connection besides. */
export type HookAction = 'on_connect' | 'on_publish' | 'on_play' | 'on_unpublish' | 'on_stop' | 'on_forward'

/**
 * The bodies of hooks, as SRS of today sends them: the same keys in the same order. Each has all that SRS of 2014 sent, whose
 * `client_id` was a number.
 */
export class HookBodies {
  readonly #identity: ServerIdentity

  /** @param identity who this server is */
  constructor(identity: ServerIdentity) {
    this.#identity = identity
  }

  /** The body of an event, JSON. */
  write(action: HookAction, request: StreamRequest): string {
    const { param, pageUrl, name } = request
    const { server_id, service_id, client_id, ip, vhost, app } = this.#beginning(request)
    const stream = streamOf(request)
    const tcUrl = tcUrlOf(request)
    const stream_url = streamUrlOf(request)
    const stream_id = streamIdOf(this.#identity, streamKey(name))
    const begin = { server_id, service_id, action, client_id, ip, vhost, app }
    switch (action) {
      case 'on_connect':
        return JSON.stringify({ ...begin, stream, param, tcUrl, pageUrl })
      case 'on_play':
        return JSON.stringify({ ...begin, stream, tcUrl, param, pageUrl, stream_url, stream_id })
      case 'on_publish':
      case 'on_unpublish':
      case 'on_stop':
        return JSON.stringify({ ...begin, tcUrl, stream, param, stream_url, stream_id })
      case 'on_forward':
        // Here alone the action stands first.
        return JSON.stringify({
          action,
          server_id,
          service_id,
          client_id,
          ip,
          vhost,
          app,
          tcUrl,
          stream,
          param,
        })
    }
  }

  /** The body of on_close, JSON. */
  writeClose(request: StreamRequest, { bytesSent, bytesReceived }: ConnectionTotals): string {
    const { server_id, service_id, client_id, ip, vhost, app } = this.#beginning(request)
    const action = 'on_close'
    const bytes = { send_bytes: bytesSent, recv_bytes: bytesReceived }
    return JSON.stringify({ server_id, service_id, action, client_id, ip, vhost, app, ...bytes })
  }

  #beginning({ client, name, isIngested }: StreamRequest): Readonly<Record<BeginningKey, string>> {
    const { serverId, serviceId } = this.#identity
    return {
      server_id: serverId,
      service_id: serviceId,
      client_id: client.id,
      ip: isIngested === true ? LOCAL_ENCODER_ADDRESS : client.address,
      vhost: name.vhost,
      app: name.app,
    }
  }
}

type BeginningKey = 'server_id' | 'service_id' | 'client_id' | 'ip' | 'vhost' | 'app'

/** Viewers of HLS ask for a file, and SRS says so. */
function streamOf({ client, name }: StreamRequest): string {
  return client.protocol === 'hls' ? `${name.stream}.m3u8` : name.stream
}

/** What SRS makes of the URL of players over HTTP: a made-up one of RTMP, or, for HLS, the page's without its port. */
function tcUrlOf({ client, name, tcUrl }: StreamRequest): string {
  switch (client.protocol) {
    case 'http-flv':
    case 'ws-flv':
      return `rtmp://${name.vhost}/${name.app}`
    case 'hls':
      return tcUrl.replace(/^([a-z]+:\/\/[^/]*?):\d+(?=\/|$)/, '$1')
    default:
      return tcUrl
  }
}

function streamUrlOf({ name }: StreamRequest): string {
  const path = `/${name.app}/${name.stream}`
  return name.vhost === DEFAULT_VHOST ? path : `${name.vhost}${path}`
}
