import type { ServerSettings } from '../control/index.ts'
import type { HttpRouter, HttpServer, HttpSite } from '../http/index.ts'
import type { TcpListener, TlsCredentials } from '../net/index.ts'
import type { ServerListener } from './listeners.ts'
import type { RtmpServer } from './rtmp-server.ts'
import type { WantedListener } from './wanted-listeners.ts'
import { webRoot } from './web-root.ts'

/** Who gets the connections of listeners. */
export type ListenerOwners = Readonly<{
  /** Those of RTMP. */
  rtmp: RtmpServer
  /** Those of RTMPS. */
  rtmps: RtmpServer
  /** Those of HTTP and HTTPS. */
  http: HttpServer
  /** What a listener for HTTP serves at present. */
  siteOf(wanted: WantedListener): HttpSite
}>

/**
 * Opens a listener for its owner; its connections are held.
 * @throws ServerError ERR_LISTEN if the address can't be had
 */
export async function openListener(
  { rtmp, rtmps, http, siteOf }: ListenerOwners,
  wanted: WantedListener,
  credentials: TlsCredentials | null,
): Promise<ServerListener> {
  const { protocol, options, name } = wanted
  if (protocol === 'http' || protocol === 'https') {
    const setup = { site: siteOf(wanted), credentials, purpose: name, held: true }
    const listener = await http.listen(options, setup)
    const ofHttp = reloadable(listener, (next, nextCredentials) => {
      listener.useSite(siteOf(next))
      if (nextCredentials !== null) {
        listener.useCredentials(nextCredentials)
      }
    })
    return { ...ofHttp, endConnections: () => listener.endConnections() }
  }
  if (credentials === null) {
    return reloadable(await rtmp.listen(options, name), () => {})
  }
  const listener = await rtmps.listenTls(options, credentials, name)
  return reloadable(listener, (_next, nextCredentials) => {
    if (nextCredentials !== null) {
      listener.useCredentials(nextCredentials)
    }
  })
}

/** What the routes of a server are, and the folders. */
export type SiteParts = Readonly<{
  /** Streams. */
  media: HttpRouter
  /** The API. */
  api: HttpRouter
  /** What a listener has besides that has the API, and no streams. */
  ownApi: HttpRouter
  /** Metrics. */
  exporter: HttpRouter
}>

/** What a listener for HTTP serves by these settings. */
export function siteOf(
  { purposes }: WantedListener,
  settings: ServerSettings,
  { media, api, ownApi, exporter }: SiteParts,
): HttpSite {
  const { http, https, apiHttps } = settings
  const apiOptions = settings.api === false ? undefined : settings.api
  const groups = {
    http,
    https,
    api: apiOptions,
    apiHttps,
    rtmp: undefined,
    rtmps: undefined,
    exporter: undefined,
  }
  const has = (...names: typeof purposes): boolean => names.some((name) => purposes.includes(name))
  const own = purposes.map((purpose) => groups[purpose])
  const root = has('http') ? http?.root : has('https') ? https?.root : undefined
  const hasPage = has('api', 'apiHttps') && Object.values(groups).every((group) => group?.page !== false)
  return {
    routers: [
      ...(has('api', 'apiHttps') ? [api] : []),
      ...(has('exporter') ? [exporter] : []),
      ...(has('http', 'https') ? [media] : has('api', 'apiHttps') ? [ownApi] : []),
    ],
    roots: [...(root === undefined ? [] : [{ folder: root }]), ...(hasPage ? [webRoot()] : [])],
    crossOrigin: own.every((group) => group?.crossOrigin !== false),
  }
}

function reloadable(
  listener: TcpListener,
  apply: (wanted: WantedListener, credentials: TlsCredentials | null) => void,
): ServerListener {
  return {
    ...listener,
    apply(wanted, credentials) {
      listener.useProxies(wanted.proxies)
      apply(wanted, credentials)
    },
  }
}
