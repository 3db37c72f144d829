import { SERVER_NAME } from '../base/index.ts'
import { formatHostPort } from '../net/index.ts'
import type { Server } from '../server/index.ts'

/** What a person needs to know after the start: where to publish, where to watch, what is open to whom. */
export function describeServer(server: Server, { demo }: { demo: boolean }): string {
  const { rtmpUrl, httpUrl, rtmpAddress, httpAddress } = server
  const path = 'live/demo'
  const bound = [rtmpAddress, httpAddress].map((at) => (at === null ? '' : formatHostPort(at.host, at.port)))
  const rows: [string, string][] = [
    ['Page', `${httpUrl}/`],
    ['Publish', `${rtmpUrl}/live   stream key: any name, e.g. ${demo ? 'mine' : 'demo'}`],
    ['Play RTMP', `${rtmpUrl}/${path}`],
    ['Play FLV', `${httpUrl}/${path}.flv`],
    ['Play WebSocket', `${httpUrl.replace(/^http/, 'ws')}/${path}.flv`],
    ['Play HLS', `${httpUrl}/${path}.m3u8`],
    ['Listening on', `${bound[0]} (RTMP), ${bound[1]} (HTTP)`],
  ]
  const lines = rows.map(([name, value]) => `  ${name.padEnd(15)} ${value}`)
  const note = demo
    ? `A clip is being published as ${path}.`
    : `Publish to ${path}, or start with --demo for a clip to watch.`
  return `${SERVER_NAME}\n${lines.join('\n')}\n  ${note} Ctrl-C ends the server.\n`
}
