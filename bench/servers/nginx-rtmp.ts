import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Child } from '../lib/child.ts'
import { freePort, waitForPort } from '../lib/ports.ts'
import { makeFolder, removeFolder } from '../lib/temporary-folder.ts'
import { findNginxRtmp, type NginxRtmp } from '../lib/tools.ts'
import type { BenchServer, RunningServer } from './server.ts'

/** More connections than any scenario makes; nginx sets all of them up when it starts. */
const WORKER_CONNECTIONS = 12_000

/** nginx with the RTMP module of Debian, one worker, as its manual has it: no logs, no limits, nothing tuned. */
export const nginxRtmp: BenchServer = {
  name: 'nginx-rtmp',
  async version(): Promise<string> {
    const { nginx } = nginxOrThrow()
    const { stderr } = await promisify(execFile)(nginx, ['-v'])
    return `${stderr.trim().replace('nginx version: ', '')} with the RTMP module ${nginxOrThrow().moduleVersion}`
  },
  async start(): Promise<RunningServer> {
    const found = nginxOrThrow()
    const folder = makeFolder('bench-nginx-')
    const port = await freePort()
    await writeFile(join(folder, 'nginx.conf'), configuration(found, folder, port))
    const args = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr']
    const child = Child.spawn('nginx-rtmp', found.nginx, args)
    const stop = async (): Promise<void> => {
      await child.stop()
      removeFolder(folder)
    }
    try {
      await waitForPort(port, child)
    } catch (error) {
      await stop()
      throw error
    }
    return {
      rtmpUrl: `rtmp://127.0.0.1:${port}`,
      flvUrl: null,
      wsUrl: null,
      // The master and its worker.
      pids: () => [child.pid],
      beginWindow: async () => {},
      watchLoop: null,
      innerMetrics: async () => ({}),
      stop,
    }
  },
}

function nginxOrThrow(): NginxRtmp {
  const found = findNginxRtmp()
  if (found === null) {
    throw new Error('nginx with its RTMP module is missing; `node bench/prepare.ts` gets it or says how')
  }
  return found
}

function configuration({ module }: NginxRtmp, folder: string, port: number): string {
  // Started by root, the worker would become a user who may not read the folder.
  const user = process.getuid?.() === 0 ? 'user root;' : ''
  return `
load_module ${module};
${user}
daemon off;
worker_processes 1;
worker_rlimit_nofile ${WORKER_CONNECTIONS};
pid ${folder}/nginx.pid;
error_log stderr error;
events {
  worker_connections ${WORKER_CONNECTIONS};
}
rtmp {
  access_log off;
  server {
    listen 127.0.0.1:${port};
    application live {
      live on;
    }
  }
}
`
}
