import { DEFAULT_VHOST, redactSecrets, ServerError } from '../../base/index.ts'
import type { StreamName } from '../../live/index.ts'
import type { RtmpTarget } from '../../rtmp/index.ts'

/** What of a stream a destination may name. */
export type ForwardedStream = Readonly<{
  /** What it is called here. */
  name: StreamName
  /** Query of its publisher, with the `?` in front; '' if there is none. A server gets it, whole addresses don't. */
  param: string
}>

/** Where one stream is sent. */
export type Destination = Readonly<{
  /** What is connected to, and published as. */
  target: RtmpTarget
  /** The same in one line, with its secrets: two destinations of one id are the same place. Not to be shown. */
  id: string
  /** The same for people: what lets anybody publish who has it, such as a stream key, is left out. */
  shown: string
  /** That what is left out of `shown`; '' if nothing is. An error that has it is not to be shown, either. */
  secret: string
}>

/** What stands in place of a stream key. */
const HIDDEN = '***'

const VARIABLES = /\[(vhost|app|stream)\]/g
/** What a publisher may choose, where the server stands that is connected to. */
const CHOSEN_HOST = /^(?:rtmps?:\/\/)?[^/?]*\[(app|stream)\]/i
const DEFAULT_PORTS: Readonly<Record<string, number>> = { rtmp: 1935, rtmps: 443 }
const MAX_PORT = 65_535

/** A destination as written, taken apart. */
type Parts = Readonly<{
  scheme: 'rtmp' | 'rtmps'
  host: string
  port: number
  /** Of the path, without empty ones. */
  path: readonly string[]
  /** Without the `?`; '' if there is none. */
  query: string
}>

/**
 * Where a stream is sent. A `host` or `host:port` takes it under its own application and name, and its virtual host unless `?vhost=`
 * names another; `rtmp://host/app` under its own name; `rtmp://host/app/stream` as written.
 * @param written one of `ForwardOptions.destinations`
 * @throws ServerError ERR_CONFIGURATION, without secrets, if it is none
 */
export function resolveDestination(written: string, stream: ForwardedStream): Destination {
  const { name } = stream
  requireOwnHost(written)
  const filled = written.replace(VARIABLES, (_whole, variable: keyof StreamName) => name[variable])
  const parts = takeApart(filled)
  if (parts === null) {
    throw badDestination(written)
  }
  return parts.path.length > 1 ? wholeAddress(written, parts) : ofServer(parts, stream)
}

/** @throws ServerError ERR_CONFIGURATION, without secrets, if it is no destination */
export function checkDestination(written: string): void {
  requireOwnHost(written)
  if (takeApart(written.replace(VARIABLES, '$1')) === null) {
    throw badDestination(written)
  }
}

/** A destination as written, for people: without its secrets. */
export function redactDestination(written: string): string {
  // A variable stays one: no name has a character of a private use.
  const marked = written.replace(VARIABLES, '\uE000$1\uE001')
  const parts = takeApart(marked)
  if (parts === null) {
    return HIDDEN
  }
  const scheme = /^rtmps?:\/\//i.exec(written)?.[0] ?? ''
  const shown = `${scheme}${authorityOf(parts)}${showPath(parts, written)}`
  return shown.replace(/\uE000(\w+)\uE001/g, '[$1]')
}

function takeApart(text: string): Parts | null {
  const match =
    /^(?:(rtmps?):\/\/)?(\[[\da-f:.]+\]|[^\s:/?#@[\]]+)(?::(\d{1,5}))?(\/[^?#\s]*)?(?:\?([^#\s]*))?$/i.exec(
      text,
    )
  if (match === null) {
    return null
  }
  const [, given = 'rtmp', bracketed = '', port, path = '', query = ''] = match
  const scheme = given.toLowerCase() === 'rtmps' ? 'rtmps' : 'rtmp'
  const number = Number(port ?? DEFAULT_PORTS[scheme])
  if (number < 1 || number > MAX_PORT) {
    return null
  }
  const host = bracketed.replace(/^\[|\]$/g, '')
  return { scheme, host, port: number, path: path.split('/').filter((part) => part !== ''), query }
}

function wholeAddress(written: string, parts: Parts): Destination {
  const { path, query } = parts
  const app = path.slice(0, -1).join('/')
  const stream = `${path.at(-1) ?? ''}${query === '' ? '' : `?${query}`}`
  const tcUrl = `${parts.scheme}://${authorityOf(parts)}/${app}`
  const secret = hasOwnName(written) ? '' : stream
  return {
    ...placeOf(parts, app, tcUrl, stream),
    shown: `${parts.scheme}://${authorityOf(parts)}${showPath(parts, written)}`,
    secret,
  }
}

function ofServer(parts: Parts, { name, param }: ForwardedStream): Destination {
  const asked = new URLSearchParams(parts.query)
  const vhost = asked.get('vhost') ?? asked.get('domain') ?? name.vhost
  const isDefault = vhost === '' || vhost === DEFAULT_VHOST
  const query = [withoutVhost(param.replace(/^\?/, '')), withoutVhost(parts.query)]
    .filter((each) => each !== '')
    .join('&')
  const app = parts.path[0] ?? name.app
  const host = isDefault ? parts.host : vhost
  const tcUrl = `${parts.scheme}://${authorityOf({ ...parts, host })}/${app}`
  const stream = `${name.stream}${query === '' ? '' : `?${query}`}`
  const server = `${parts.scheme}://${authorityOf(parts)}`
  const where = isDefault ? '' : `${query === '' ? '?' : '&'}vhost=${vhost}`
  return {
    ...placeOf(parts, app, tcUrl, stream),
    shown: redactSecrets(`${server}/${app}/${stream}${where}`),
    secret: '',
  }
}

function placeOf(
  { scheme, host, port }: Parts,
  app: string,
  tcUrl: string,
  stream: string,
): Pick<Destination, 'target' | 'id'> {
  const target = { tls: scheme === 'rtmps', host, port, app, tcUrl, stream }
  return { target, id: `${scheme}://${host}:${port} ${tcUrl}/${stream}` }
}

/** Host and port; a default port is left out, as all clients do: servers compare it with what they know. */
function authorityOf({ scheme, host, port }: Pick<Parts, 'scheme' | 'host' | 'port'>): string {
  const bracketed = host.includes(':') ? `[${host}]` : host
  return `${bracketed}${port === DEFAULT_PORTS[scheme] ? '' : `:${port}`}`
}

/** The path and the query as people may see them: a stream that is written out is a stream key. */
function showPath({ path, query }: Parts, written: string): string {
  const behind = query === '' ? '' : redactSecrets(`?${query}`)
  if (path.length > 1 && !hasOwnName(written)) {
    return `/${[...path.slice(0, -1), HIDDEN].join('/')}`
  }
  return `${path.map((part) => `/${part}`).join('')}${behind}`
}

/** Whether the last part of a whole address has the stream's name here: then it is no key. */
function hasOwnName(written: string): boolean {
  return /\[stream\][^/]*$/.test(written.replace(/\?.*$/, ''))
}

function withoutVhost(query: string): string {
  return query
    .split('&')
    .filter((each) => each !== '' && !/^(vhost|domain)=/.test(each))
    .join('&')
}

/** Publishers choose what their streams are called, and must not choose so which servers are connected to. */
function requireOwnHost(written: string): void {
  const [, variable] = CHOSEN_HOST.exec(written) ?? []
  if (variable !== undefined) {
    throw new ServerError(
      'ERR_CONFIGURATION',
      `forward destination: [${variable}] can't be part of the server, which any publisher could choose then; use it behind the '/'`,
    )
  }
}

function badDestination(written: string): ServerError {
  // Of what can't be read, nobody knows where the secrets are.
  const known = /^(?:rtmps?:\/\/)?[\w.-]+/i.exec(written)?.[0] ?? ''
  return new ServerError(
    'ERR_CONFIGURATION',
    `forward destination '${known}...' is neither host[:port] nor rtmp://host[:port]/app/stream, nor the same with rtmps://`,
  )
}
