import { DEFAULT_VHOST, type RelayTrail, vhostOfQuery } from '../base/index.ts'
import type { StreamName } from './stream-name.ts'

/** How a client reaches the server. */
export type ClientProtocol =
  | 'rtmp'
  | 'http-flv'
  | 'ws-flv'
  | 'hls'
  | 'file'
  | 'library'
  /** Nobody outside: this server itself fetches the stream from another. */
  | 'edge'
  /** Nobody outside: this server itself sends the stream to another. */
  | 'forward'

/**
 * How an RTMP publisher introduces itself: `fmle` sends releaseStream or FCPublish first (FMLE, OBS, FFmpeg), `haivision` sends
 * FCPublish after createStream, `flash` neither.
 */
export type PublishDialect = 'fmle' | 'haivision' | 'flash'

/** Who is at the other end. */
export type ClientInfo = Readonly<{
  /** Unique in this process; the same id stands in the logs. */
  id: string
  /** How it reaches us. */
  protocol: ClientProtocol
  /** Remote IP address, or 'local' for what runs in this process. */
  address: string
  /** How an RTMP publisher introduced itself; left out for all others. */
  publishDialect?: PublishDialect
  /** Of a viewer: that it shows a pass, as programs of this server do (`ProgramPasses`). Left out for all others. */
  isOwnProgram?: true
}>

/** What a client asks: to publish or to play one stream. */
export type StreamRequest = Readonly<{
  /** The stream asked for. */
  name: StreamName
  /** Who asks. */
  client: ClientInfo
  /**
   * Virtual host that the client asks for: `vhost=` or `domain=` of the URL, or its host; '' for what runs in this process.
   * `name.vhost` is the one that it gets.
   */
  vhost: string
  /** Query parameters of the URL, e.g. a token. */
  parameters: URLSearchParams
  /** The same as written, with the `?` in front; '' if there are none. Hooks of SRS call it so. */
  param: string
  /** `tcUrl` of RTMP's connect, or the URL's origin and application for other protocols. */
  tcUrl: string
  /** The page that embeds the player, if the client says so: of HTTP, Referer or else Origin. */
  pageUrl: string
  /** `swfUrl` of RTMP's connect; '' or left out if there is none. */
  swfUrl?: string
  /** The Authorization header of HTTP, e.g. 'Bearer ...'; '' or left out if there is none. */
  authorization?: string
  /** What a program of this server shows to be let in (`ProgramPasses`); left out by all others. */
  pass?: string
  /** Of a file: it is published for an ingest, as by an FFmpeg that came by RTMP, so hooks are about it. Left out for all others. */
  isIngested?: true
  /**
   * Servers that relay the stream here, or this server's to others, by their ids: of a publisher those that it has come through,
   * of a player those that it is pulled for. None, or left out, if the client is no relay.
   */
  relayTrail?: RelayTrail
}>

/** The parameter with the pass of a program of this server. */
export const PASS_PARAMETER = 'srs_pass'

/** Takes the pass out of the parameters of a request: nobody else is to see it. */
export function takePass(
  asked: Pick<StreamRequest, 'parameters' | 'param'>,
): Pick<StreamRequest, 'parameters' | 'param' | 'pass'> {
  const { parameters, param } = asked
  const pass = parameters.get(PASS_PARAMETER)
  if (pass === null) {
    return { parameters, param }
  }
  const others = new URLSearchParams(parameters)
  others.delete(PASS_PARAMETER)
  const parts = param
    .slice(1)
    .split('&')
    .filter((part) => !part.startsWith(`${PASS_PARAMETER}=`))
  const query = parts.join('&')
  return {
    parameters: others,
    param: query === '' || query === `vhost=${DEFAULT_VHOST}` ? '' : `?${query}`,
    pass,
  }
}

/**
 * What the URL of an HTTP request says of vhost and parameters, as a `StreamRequest` has it.
 * @param origin scheme and authority, e.g. 'http://localhost:8080'
 * @param parameters the query
 */
export function queryOfHttp(
  origin: string,
  parameters: URLSearchParams,
): Pick<StreamRequest, 'vhost' | 'parameters' | 'param'> {
  const vhost = vhostOfQuery(parameters) ?? origin.replace(/^[^:]*:\/\/|:\d+$/g, '')
  return { vhost, parameters, param: parameters.size === 0 ? '' : `?${parameters}` }
}
