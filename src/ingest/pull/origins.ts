import { createHash } from 'node:crypto'
import type { RelayTrail } from '../../base/index.ts'
import { type StreamName, type StreamRequest, streamKey } from '../../live/index.ts'
import type { Amf0Object } from '../../media/index.ts'
import { formatHostPort } from '../../net/index.ts'
import { FlvUpstream } from './flv-upstream.ts'
import { type EdgeOptions, type PullProtocol, parseOrigin } from './options.ts'
import { RtmpUpstream } from './rtmp-upstream.ts'
import type { Upstream } from './upstream.ts'

/** What else must be known to ask an origin. */
export type OriginContext = Readonly<{
  /** Who asks, in the arguments of RTMP's connect. */
  whoAsks: () => Amf0Object
  /** Servers that the stream is pulled for, this one last. */
  trailFor: (asked: StreamRequest) => RelayTrail
}>

const DEFAULT_PORTS: Readonly<Record<PullProtocol, number>> = { rtmp: 1935, rtmps: 443, flv: 80, flvs: 443 }

/** What a stream is called at its origins. */
export function nameAtOrigin(name: StreamName, { vhost }: Pick<EdgeOptions, 'vhost'>): StreamName {
  return { ...name, vhost: vhost.replaceAll('[vhost]', name.vhost) }
}

/**
 * The origins of a stream as upstreams, who is preferred first.
 * @param asked what is asked for, by whom
 */
export function originsOf(options: EdgeOptions, asked: StreamRequest, context: OriginContext): Upstream[] {
  const { origins, choice, connectTimeoutMs, tellWhoAsks } = options
  const name = nameAtOrigin(asked.name, options)
  const key = streamKey(name)
  return (choice === 'in-order' ? origins : byStream(origins, key)).map((origin) => {
    const { host, port } = parseOrigin(origin)
    const protocol =
      port === null && options.followClient ? protocolLike(options.protocol, asked) : options.protocol
    const place = {
      tls: protocol === 'rtmps' || protocol === 'flvs',
      host,
      port: port ?? DEFAULT_PORTS[protocol],
      name,
      connectTimeoutMs,
      trailFor: context.trailFor,
    }
    const isFlv = protocol === 'flv' || protocol === 'flvs'
    return isFlv
      ? new FlvUpstream(place)
      : new RtmpUpstream({ ...place, whoAsks: tellWhoAsks ? context.whoAsks() : null })
  })
}

/**
 * Where what is published at an edge is published, by RTMP: 'rtmp://host:port', who is preferred first. Ports of origins from which
 * FLV is fetched are those of HTTP: there it is the port of the protocol.
 * @param name of the stream at the origin
 */
export function pushServersOf({ origins, choice, protocol }: EdgeOptions, name: StreamName): string[] {
  const isSecure = protocol.endsWith('s')
  const isRtmp = protocol.startsWith('rtmp')
  const scheme = isSecure ? 'rtmps' : 'rtmp'
  return (choice === 'in-order' ? origins : byStream(origins, streamKey(name))).map((origin) => {
    const { host, port } = parseOrigin(origin)
    return `${scheme}://${formatHostPort(host, (isRtmp ? port : null) ?? DEFAULT_PORTS[scheme])}`
  })
}

/** The protocol of the viewer, within TLS where the setting is. */
function protocolLike(setting: PullProtocol, { client: { protocol } }: StreamRequest): PullProtocol {
  const isSecure = setting.endsWith('s')
  if (protocol === 'http-flv' || protocol === 'ws-flv') {
    return isSecure ? 'flvs' : 'flv'
  }
  return isSecure ? 'rtmps' : 'rtmp'
}

/** An order that is the stream's own, the same on every edge; each origin that comes or goes moves only its share (rendezvous). */
function byStream(origins: readonly string[], key: string): string[] {
  const weight = (origin: string): string => createHash('sha256').update(`${origin}\n${key}`).digest('hex')
  return [...origins].sort((a, b) => (weight(a) < weight(b) ? -1 : 1))
}
