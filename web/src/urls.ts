import { encodePath, type Via } from './route.ts'

/** Port of RTMP when an address names none (Adobe RTMP 1.0; registered with IANA as macromedia-fcs). */
const DEFAULT_RTMP_PORT = '1935'

/** The addresses of one stream, absolute, for other players. */
export type PlayUrls = Readonly<{ rtmp: string; flv: string; ws: string; m3u8: string }>

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
 * @param path decoded path, such as `/live/demo`
 * @param base address of the page
 */
export function mediaUrl(path: string, via: Via, base: string): string {
  const extension = via === 'hls' ? 'm3u8' : 'flv'
  const url = new URL(`.${encodePath(path)}.${extension}`, base)
  if (via === 'ws') {
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  }
  return url.href
}

/**
 * `rtmp://host[:port]` as a client of this page would reach it. The host is the page's, because the publisher's
 * `tcUrl` often says `localhost`; only the port is taken from it.
 * @param tcUrl the publisher's, if one is known
 */
export function rtmpOrigin(base: string, tcUrl: string | undefined): string {
  const port = /^rtmp:\/\/(?:\[[^\]]*\]|[^:/?#]*):(\d+)/i.exec(tcUrl ?? '')?.[1]
  const suffix = port === undefined || port === DEFAULT_RTMP_PORT ? '' : `:${port}`
  return `rtmp://${new URL(base).hostname}${suffix}`
}

/** Every address of a stream. */
export function playUrls(path: string, tcUrl: string | undefined, base: string): PlayUrls {
  return {
    rtmp: `${rtmpOrigin(base, tcUrl)}${encodePath(path)}`,
    flv: mediaUrl(path, 'flv', base),
    ws: mediaUrl(path, 'ws', base),
    m3u8: mediaUrl(path, 'hls', base),
  }
}
