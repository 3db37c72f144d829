import { DEFAULT_VHOST, type Ms, vhostOfQuery } from '../../base/index.ts'
import type { StreamName, StreamRequest } from '../../live/index.ts'

/** What a variable in a template stands for. */
export type VariableValues = Readonly<{
  /** Virtual host of the stream; `__defaultVhost__` stays as it is. */
  vhost: string
  /** Application; may have several levels, such as 'a/b'. */
  app: string
  /** The stream. */
  stream: string
  /** Name of the engine; '' where there is none. */
  engine: string
  /** Port of this server's first RTMP listener. */
  port: number
  /** Query of the publisher's URL with the `?` in front; '' if there is none. */
  param: string
  /** Address of the stream at this server, with the publisher's query. */
  url: string
  /** `tcUrl` of the publisher; '' if it came by another protocol. */
  tcUrl: string
  /** `swfUrl` of the publisher; '' if it said none. */
  swfUrl: string
  /** Page of the publisher; '' if it said none. */
  pageUrl: string
  /** Now, ms since the Unix epoch. */
  time: Ms
  /** Whether times are in UTC and not local. SRS: utc_time. */
  utc: boolean
}>

/** What `variableValuesOf` is told beside the publisher. */
export type ValuesSetup = Readonly<{
  /** Port of this server's first RTMP listener. */
  port: number
  /** Now, ms since the Unix epoch. */
  time: Ms
  /** Whether times are in UTC. Default false: local. */
  utc?: boolean
  /** Name of the engine. Default: none. */
  engine?: string
}>

/** The values for a publisher's stream. */
export function variableValuesOf(request: StreamRequest, setup: ValuesSetup): VariableValues {
  const { name, param, tcUrl, pageUrl, swfUrl = '' } = request
  const { engine = '', utc = false, port, time } = setup
  const url = urlOf(name, param, port)
  return { ...name, engine, port, param, url, tcUrl, swfUrl, pageUrl, time, utc }
}

/**
 * The values where no publisher is: of what this server itself publishes.
 * @param name the stream
 */
export function variableValuesOfName(name: StreamName, setup: ValuesSetup): VariableValues {
  const { engine = '', utc = false, port, time } = setup
  const nothing = { param: '', tcUrl: '', swfUrl: '', pageUrl: '' }
  return { ...name, ...nothing, engine, port, url: urlOf(name, '', port), time, utc }
}

/**
 * Always an address of this server: SRS takes the host that the publisher says, who could send programs to any server then. What
 * FFmpeg would read as the name of another stream is encoded.
 */
function urlOf({ vhost, app, stream }: StreamName, param: string, port: number): string {
  const path = `${app}/${stream}`.replace(/[\s?#]/g, encodeURIComponent)
  const query = param
    .replace(/^\?/, '')
    .replace(/[\s/]/g, encodeURIComponent)
    .replaceAll('slist=', 'slist%3D')
    .replace(/\.(?=(?:flv|f4v|mp4)$)/, '%2E')
  const isNamed = vhost === DEFAULT_VHOST || vhostOfQuery(new URLSearchParams(query)) !== null
  const parts = [...(query === '' ? [] : [query]), ...(isNamed ? [] : [`vhost=${vhost}`])]
  return `rtmp://127.0.0.1:${port}/${path}${parts.length === 0 ? '' : `?${parts.join('&')}`}`
}
