import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Child } from '../lib/child.ts'
import { freePort, waitForPort } from '../lib/ports.ts'
import { makeFolder, removeFolder } from '../lib/temporary-folder.ts'
import type { BenchServer, InnerMetrics, RunningServer } from './server.ts'

/** A package of its own, so that what it brings is no dependency of ours. */
const FOLDER = fileURLToPath(new URL('../node-media-server/', import.meta.url))

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
    const child = Child.fork('node-media-server', join(FOLDER, 'start.js'), [JSON.stringify(settings)])
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
  const manifest = join(FOLDER, 'node_modules', 'node-media-server', 'package.json')
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version
}

function installOnce(): void {
  if (!existsSync(join(FOLDER, 'node_modules', 'node-media-server'))) {
    execFileSync('npm', ['ci', '--ignore-scripts'], { cwd: FOLDER, stdio: ['ignore', 'ignore', 'inherit'] })
  }
}
