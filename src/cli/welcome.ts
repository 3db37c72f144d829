import { SERVER_NAME } from '../base/index.ts'
import { formatHostPort } from '../net/index.ts'
import type { Server } from '../server/index.ts'

/** What a person needs to know after the start: where to publish, where to watch, what is open to whom. */
export function describeServer(server: Server, { demo }: { demo: boolean }): string {
  const { rtmpAddress, httpAddress, rtmpsAddress, httpsAddress } = server
  const path = 'live/demo'
  const secured: [string, string][] = []
  if (rtmpsAddress !== null) {
    secured.push(['RTMPS', `${server.rtmpsUrl}/${path}`])
  }
  if (httpsAddress !== null) {
    secured.push(['HTTPS', `${server.httpsUrl}/`])
  }
  const rows: [string, string][] = [
    ...(httpAddress === null ? [] : [row('Page', `${server.httpUrl}/`)]),
    ...(rtmpAddress === null ? [] : rtmpRows(server.rtmpUrl, path, demo)),
    ...(httpAddress === null ? [] : httpRows(server.httpUrl, path)),
    ...secured,
    row('Listening on', describeListeners(server)),
  ]
  const lines = rows.map(([name, value]) => `  ${name.padEnd(15)} ${value}`)
  const note = demo
    ? `A clip is being published as ${path}.`
    : `Publish to ${path}, or start with --demo for a clip to watch.`
  return `${SERVER_NAME}\n${lines.join('\n')}\n  ${note} Ctrl-C ends the server.\n`
}

function rtmpRows(url: string, path: string, demo: boolean): [string, string][] {
  return [
    row('Publish', `${url}/live   stream key: any name, e.g. ${demo ? 'mine' : 'demo'}`),
    row('Play RTMP', `${url}/${path}`),
  ]
}

function httpRows(url: string, path: string): [string, string][] {
  return [
    row('Play FLV', `${url}/${path}.flv`),
    row('Play WebSocket', `${url.replace(/^http/, 'ws')}/${path}.flv`),
    row('Play HLS', `${url}/${path}.m3u8`),
  ]
}

function row(name: string, value: string): [string, string] {
  return [name, value]
}

function describeListeners(server: Server): string {
  const listeners = [
    ['RTMP', server.rtmpAddress],
    ['HTTP', server.httpAddress],
    ['RTMPS', server.rtmpsAddress],
    ['HTTPS', server.httpsAddress],
  ] as const
  return listeners
    .flatMap(([name, at]) => (at === null ? [] : [`${formatHostPort(at.host, at.port)} (${name})`]))
    .join(', ')
}
