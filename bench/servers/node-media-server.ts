import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { NODE_MEDIA_SERVER_SCRIPT, npmInstall } from '../../scripts/lib/tools.ts'
import { Child } from '../lib/child.ts'
import { freePort, waitForPort } from '../lib/ports.ts'
import { makeFolder, removeFolder } from '../lib/temporary-folder.ts'
import type { BenchServer, InnerMetrics, RunningServer } from './server.ts'

/** A package of its own, so that what it brings is no dependency of ours. */
const FOLDER = dirname(NODE_MEDIA_SERVER_SCRIPT)

/** node-media-server as its own command runs it, without the parts that are not measured: TLS, console, recording. */
export const nodeMediaServer: BenchServer = {
  name: 'node-media-server',
  version: async () => `node-media-server ${installedVersion()}, Node ${process.versions.node}`,
  async start(): Promise<RunningServer> {
    installOnce()
    const folder = makeFolder('bench-nms-')
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
    const child = Child.fork('node-media-server', NODE_MEDIA_SERVER_SCRIPT, [JSON.stringify(settings)])
    const stop = async (): Promise<void> => {
      await child.stop()
      removeFolder(folder)
    }
    try {
      await waitForPort(rtmpPort, child)
      await waitForPort(httpPort, child)
    } catch (error) {
      await stop()
      throw error
    }
    return {
      rtmpUrl: `rtmp://127.0.0.1:${rtmpPort}`,
      flvUrl: `http://127.0.0.1:${httpPort}`,
      wsUrl: `ws://127.0.0.1:${httpPort}`,
      pids: () => [child.pid],
      beginWindow: async () => {},
      watchLoop: async () => {
        await child.ask('watch')
      },
      innerMetrics: () => child.ask<InnerMetrics>('metrics'),
      stop,
    }
  },
}

function installedVersion(): string {
  installOnce()
  return execFileSync(process.execPath, [NODE_MEDIA_SERVER_SCRIPT, '--version'], { encoding: 'utf8' }).trim()
}

function installOnce(): void {
  if (!existsSync(join(FOLDER, 'node_modules', 'node-media-server'))) {
    const [command, ...args] = npmInstall(FOLDER)
    execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  }
}
