import { ServerError } from '../base/index.ts'
import { type SignStreamUrlOptions, signStreamUrl, streamOfUrl } from '../control/index.ts'

/** Longest time that `readDuration` takes, days. */
export const MAX_DURATION_DAYS = 3660

/** Milliseconds of the units of a duration. */
const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Where the protocols of a server are, as URLs without a path. */
export type ProtocolOrigins = Readonly<{
  /** 'rtmp://host', or rtmps. */
  rtmp: string
  /** 'http://host:8080', or https. */
  http: string
}>

/**
 * Where the server of a URL is for each protocol: what the URL doesn't say is the usual port; all in TLS if the URL is.
 * @throws ServerError ERR_CONFIGURATION if it is no URL of a protocol that is served
 */
export function originsOf(url: string): ProtocolOrigins {
  const match = /^(rtmp|http|ws)(s?):\/\/(\[[^\]]*\]|[^/:?#]+)(:\d+)?\//i.exec(url)
  if (match === null) {
    throw new ServerError(
      'ERR_CONFIGURATION',
      `'${url}' is no URL of a stream, such as rtmp://host/live/demo or http://host:8080/live/demo.flv`,
    )
  }
  const [, protocol = '', s = '', host = '', port = ''] = match
  const isRtmp = protocol.toLowerCase() === 'rtmp'
  const secure = s.toLowerCase()
  return {
    rtmp: `rtmp${secure}://${host}${isRtmp ? port : ''}`,
    http: `http${secure}://${host}${isRtmp ? `:${secure === '' ? 8080 : 8443}` : port}`,
  }
}

/** The signed URLs of a stream, by what each is for; those that a person copies. */
export function signForAll(
  url: string,
  origins: ProtocolOrigins,
  options: SignStreamUrlOptions,
): Record<string, string> {
  const { app, stream } = streamOfUrl(url.replace(/[?#].*$/, ''))
  const query = /[?#].*$/.exec(url)?.[0].replace('#', '?') ?? ''
  const sign = (origin: string, path: string): string => signStreamUrl(`${origin}/${path}${query}`, options)
  const rtmp = sign(origins.rtmp, `${app}/${stream}`)
  if (options.action === 'publish') {
    const server = `${origins.rtmp}/${app}`
    return { RTMP: rtmp, 'OBS server': server, 'OBS stream key': rtmp.slice(server.length + 1) }
  }
  const path = `${app}/${stream}`.split('/').map(encodeURIComponent).join('/')
  return {
    RTMP: rtmp,
    FLV: sign(origins.http, `${path}.flv`),
    WebSocket: sign(origins.http.replace(/^http/, 'ws'), `${path}.flv`),
    HLS: sign(origins.http, `${path}.m3u8`),
  }
}

/** The same for a person: a line for each, and when they end. */
export function describeSigned(urls: Readonly<Record<string, string>>, expires: Date): string {
  const width = Math.max(...Object.keys(urls).map((name) => name.length))
  const lines = Object.entries(urls).map(([name, url]) => `${name.padEnd(width)}  ${url}\n`)
  return `${lines.join('')}${'until'.padEnd(width)}  ${expires.toISOString().replace(/\.\d+/, '')}\n`
}

/** A time such as '90s', '30m', '12h' or '7d' in ms; null if it is none, or longer than MAX_DURATION_DAYS. */
export function readDuration(text: string): number | null {
  const [, count, unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  const durationMs = Number(count) * (UNITS[unit] ?? Number.NaN)
  return durationMs > 0 && durationMs <= MAX_DURATION_DAYS * 86_400_000 ? durationMs : null
}
