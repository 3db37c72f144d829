import { encodePath, splitVhost, type Via } from './route.ts'
import type { ServerPorts } from './stream-feed.ts'

/** Ports when an address names none: Adobe RTMP 1.0 (registered with IANA as macromedia-fcs), and that of HTTPS. */
const DEFAULT_PORTS = { rtmp: 1935, rtmps: 443 } as const

/** `rtmp://host[:port]` and `rtmps://host[:port]` as a client of this page would reach them; null where there is none. */
export type RtmpOrigins = Readonly<{ rtmp: string | null; rtmps: string | null }>

/** The addresses of one stream, absolute, for other players. */
export type PlayUrls = Readonly<{
  rtmp: string | null
  rtmps: string | null
  flv: string
  ws: string
  m3u8: string
}>

/**
 * What the addresses of streams are relative to.
 * @param pageBase address of the page
 * @param port that of the streams, if the page has another
 */
export function mediaBaseOf(pageBase: string, port: number | null): string {
  if (port === null) {
    return pageBase
  }
  const url = new URL('/', pageBase)
  url.port = String(port)
  return url.href
}

/**
 * Absolute address of a stream for one of this page's ways to play.
 * @param fullPath decoded path, such as `/live/demo` or `//example.com/live/demo`
 * @param base address of the page
 */
export function mediaUrl(fullPath: string, via: Via, base: string): string {
  const { vhost, path } = splitVhost(fullPath)
  const extension = via === 'hls' ? 'm3u8' : 'flv'
  const url = new URL(`.${encodePath(path)}.${extension}`, base)
  if (vhost !== null) {
    url.searchParams.set('vhost', vhost)
  }
  if (via === 'ws') {
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  }
  return url.href
}

/**
 * Where encoders and players connect by RTMP and RTMPS. The host is the page's, because the publishers' connect addresses often
 * say `localhost`; only the port is taken from them. RTMP is on its default port as long as nothing is known.
 * @param tcUrls publishers' connect addresses, those first that count more
 * @param ports where the server itself listens, if it has said so
 */
export function findRtmpOrigins(
  base: string,
  tcUrls: readonly string[],
  ports: ServerPorts | undefined,
): RtmpOrigins {
  const rtmps = portOf('rtmps', tcUrls) ?? ports?.rtmps ?? null
  const rtmp = portOf('rtmp', tcUrls) ?? ports?.rtmp ?? (rtmps === null ? DEFAULT_PORTS.rtmp : null)
  return { rtmp: originOf('rtmp', base, rtmp), rtmps: originOf('rtmps', base, rtmps) }
}

/** Every address of a stream. */
export function playUrls(path: string, origins: RtmpOrigins, base: string): PlayUrls {
  return {
    rtmp: origins.rtmp === null ? null : `${origins.rtmp}${rtmpPath(path)}`,
    rtmps: origins.rtmps === null ? null : `${origins.rtmps}${rtmpPath(path)}`,
    flv: mediaUrl(path, 'flv', base),
    ws: mediaUrl(path, 'ws', base),
    m3u8: mediaUrl(path, 'hls', base),
  }
}

/** What stands behind the origin of an RTMP address: the path, encoded, and the virtual host as a query. */
export function rtmpPath(fullPath: string): string {
  const { vhost, path } = splitVhost(fullPath)
  return `${encodePath(path)}${vhost === null ? '' : `?vhost=${encodeURIComponent(vhost)}`}`
}

/** The port of the first address with that scheme; null if there is none. */
function portOf(scheme: keyof RtmpOrigins, tcUrls: readonly string[]): number | null {
  for (const tcUrl of tcUrls) {
    const match = /^(rtmps?):\/\/(?:\[[^\]]*\]|[^:/?#]*)(?::(\d+))?/i.exec(tcUrl)
    if (match?.[1]?.toLowerCase() === scheme) {
      return match[2] === undefined ? DEFAULT_PORTS[scheme] : Number(match[2])
    }
  }
  return null
}

function originOf(scheme: keyof RtmpOrigins, base: string, port: number | null): string | null {
  if (port === null) {
    return null
  }
  return `${scheme}://${new URL(base).hostname}${port === DEFAULT_PORTS[scheme] ? '' : `:${port}`}`
}
