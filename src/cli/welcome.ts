import { DEFAULT_VHOST, SERVER_NAME } from '../base/index.ts'
import type { ServerSettings } from '../control/index.ts'
import { connectableHost, formatListenAddress } from '../net/index.ts'
import type { ListenerPurpose, Server } from '../server/index.ts'

/** What a start was about. */
export type WelcomeOptions = Readonly<{
  /** What the server was made with. */
  settings: ServerSettings
  /** Is the bundled clip published? */
  demo: boolean
  /** Is it out of the reach of Ctrl-C? */
  background: boolean
}>

/** What a person needs to know after the start: where to publish, where to watch, what is open to whom. */
export function describeServer(server: Server, { settings, demo, background }: WelcomeOptions): string {
  const { rtmpAddress, httpAddress, rtmpsAddress, httpsAddress } = server
  const path = 'live/demo'
  const rows: [string, string][] = []
  const page = pageUrl(server, settings)
  if (page !== null) {
    rows.push(['Page', page], ['Console', `${page}console/`])
  }
  if (rtmpAddress !== null) {
    const key = `stream key: any name, e.g. ${demo ? 'mine' : 'demo'}`
    rows.push(['Publish', `${server.rtmpUrl}/live   ${key}`], ['Play RTMP', `${server.rtmpUrl}/${path}`])
  }
  if (httpAddress !== null) {
    const { httpUrl } = server
    if (isServed('flv', settings)) {
      rows.push(
        ['Play FLV', `${httpUrl}/${path}.flv`],
        ['Play WebSocket', `${httpUrl.replace(/^http/, 'ws')}/${path}.flv`],
      )
    }
    if (isServed('hls', settings)) {
      rows.push(['Play HLS', `${httpUrl}/${path}.m3u8`])
    }
  }
  if (rtmpsAddress !== null) {
    rows.push(['RTMPS', `${server.rtmpsUrl}/${path}`])
  }
  if (httpsAddress !== null) {
    rows.push(['HTTPS', `${server.httpsUrl}/`])
  }
  rows.push(['Listening on', describeListeners(server)])
  const lines = rows.map(([name, value]) => `  ${name.padEnd(15)} ${value}`)
  const note = demo
    ? `A clip is being published as ${path}.`
    : `Publish to ${path}, or start with --demo for a clip to watch.`
  return `${SERVER_NAME}\n${lines.join('\n')}\n  ${note}${background ? '' : ' Ctrl-C ends the server.'}\n`
}

/** Whether those who name no virtual host can watch in this way. */
function isServed(way: 'flv' | 'hls', settings: ServerSettings): boolean {
  const vhost = settings.vhosts === undefined ? {} : settings.vhosts[DEFAULT_VHOST]
  return vhost !== undefined && (vhost[way]?.enabled ?? settings[way]?.enabled ?? true)
}

/** Where the page is, and the console below it: beside the API. Null if it is at no TCP address. */
function pageUrl({ addresses }: Server, { http, https, api, apiHttps }: ServerSettings): string | null {
  if ([http, https, api, apiHttps].some((listener) => listener !== false && listener?.page === false)) {
    return null
  }
  for (const [purpose, scheme] of [
    ['api', 'http'],
    ['apiHttps', 'https'],
  ] as const) {
    for (const address of addresses) {
      if (address.purposes.includes(purpose) && 'port' in address) {
        return `${scheme}://${connectableHost(address.host)}:${address.port}/`
      }
    }
  }
  return null
}

/** In the order in which people look for them. */
const PURPOSES: readonly (readonly [ListenerPurpose, string])[] = [
  ['rtmp', 'RTMP'],
  ['http', 'HTTP'],
  ['rtmps', 'RTMPS'],
  ['https', 'HTTPS'],
  ['api', 'API'],
  ['apiHttps', 'API over HTTPS'],
  ['exporter', 'metrics'],
]

function describeListeners({ addresses }: Server): string {
  return PURPOSES.flatMap(([purpose, name]) =>
    addresses
      .filter(({ purposes }) => purposes[0] === purpose)
      .map((address) => `${formatListenAddress(address)} (${name})`),
  ).join(', ')
}
