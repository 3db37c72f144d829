import { SERVER_NAME } from '../base/index.ts'
import { formatListenAddress } from '../net/index.ts'
import type { ListenerPurpose, Server } from '../server/index.ts'

/** What a person needs to know after the start: where to publish, where to watch, what is open to whom. */
export function describeServer(
  server: Server,
  { demo, background }: { demo: boolean; background: boolean },
): string {
  const { rtmpAddress, httpAddress, rtmpsAddress, httpsAddress } = server
  const path = 'live/demo'
  const rows: [string, string][] = []
  if (httpAddress !== null) {
    rows.push(['Page', `${server.httpUrl}/`])
  }
  if (rtmpAddress !== null) {
    const key = `stream key: any name, e.g. ${demo ? 'mine' : 'demo'}`
    rows.push(['Publish', `${server.rtmpUrl}/live   ${key}`], ['Play RTMP', `${server.rtmpUrl}/${path}`])
  }
  if (httpAddress !== null) {
    const { httpUrl } = server
    rows.push(
      ['Play FLV', `${httpUrl}/${path}.flv`],
      ['Play WebSocket', `${httpUrl.replace(/^http/, 'ws')}/${path}.flv`],
      ['Play HLS', `${httpUrl}/${path}.m3u8`],
    )
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

/** In the order in which people look for them. */
const PURPOSES: readonly (readonly [ListenerPurpose, string])[] = [
  ['rtmp', 'RTMP'],
  ['http', 'HTTP'],
  ['rtmps', 'RTMPS'],
  ['https', 'HTTPS'],
  ['api', 'API'],
  ['apiHttps', 'API over HTTPS'],
]

function describeListeners({ addresses }: Server): string {
  return PURPOSES.flatMap(([purpose, name]) =>
    addresses
      .filter(({ purposes }) => purposes[0] === purpose)
      .map((address) => `${formatListenAddress(address)} (${name})`),
  ).join(', ')
}
