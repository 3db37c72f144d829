import { join } from 'node:path'
import { execPath } from 'node:process'
import { findTool, howToInstall, NODE_MEDIA_SERVER_SCRIPT } from '../../scripts/lib/tools.ts'
import { freePort, waitForPort } from './ports.ts'
import { startProgram } from './program.ts'
import type { Scope } from './server.ts'
import { mediaFolder } from './sources.ts'

/** A stream that node-media-server fetches from elsewhere from its start on, or sends elsewhere while it is published. */
export type NodeMediaServerRelay = Readonly<{
  mode: 'pull' | 'push'
  /** `rtmp://host:port/app/stream` at the other server. */
  url: string
  /** `/app/stream` at node-media-server. */
  streamPath: string
  /** Before another attempt; it doubles with each. Default 2000. */
  reconnectInterval?: number
}>

/** Where a node-media-server listens. */
export type NodeMediaServer = Readonly<{
  /** `rtmp://127.0.0.1:port` */
  rtmpUrl: string
  /** `http://127.0.0.1:port`; `/app/stream.flv` is a stream. */
  httpUrl: string
}>

/** Starts node-media-server on free ports of 127.0.0.1: everybody may publish and play. It is ended after the test. */
export async function startNodeMediaServer(
  scope: Scope,
  relays: readonly NodeMediaServerRelay[] = [],
): Promise<NodeMediaServer> {
  if (findTool('node-media-server') === null) {
    throw new Error(`node-media-server is missing: ${howToInstall('node-media-server')}`)
  }
  const folder = await mediaFolder(scope)
  // It tells nobody which port the system chose.
  const [rtmpPort, httpPort] = [await freePort(), await freePort()]
  const settings = {
    bind: '127.0.0.1',
    rtmp: { port: rtmpPort },
    http: { port: httpPort },
    store: { path: join(folder, 'data'), maxHistory: 0 },
    record: { auto: false, path: join(folder, 'record') },
    auth: { play: false, publish: false, secret: '' },
    webadmin: { enable: false },
  }
  const args = [JSON.stringify(settings), JSON.stringify(relays)]
  const program = startProgram(scope, [execPath, NODE_MEDIA_SERVER_SCRIPT, ...args])
  await waitForPort('node-media-server', rtmpPort, program)
  await waitForPort('node-media-server', httpPort, program)
  return { rtmpUrl: `rtmp://127.0.0.1:${rtmpPort}`, httpUrl: `http://127.0.0.1:${httpPort}` }
}
