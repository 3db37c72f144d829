import { writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { findTool, howToInstall, NGINX_RTMP_MODULE } from '../../scripts/lib/tools.ts'
import { startProgram } from './program.ts'
import type { Scope } from './server.ts'
import { mediaFolder } from './sources.ts'
import { waitFor } from './wait.ts'

/**
 * Starts nginx with its RTMP module, on a free port of 127.0.0.1: `live` is open, `closed` lets nobody in. It is ended after
 * the test.
 * @returns `rtmp://127.0.0.1:port`
 */
export async function startNginxRtmp(scope: Scope): Promise<string> {
  if (findTool('nginx-rtmp') === null) {
    throw new Error(`nginx with its RTMP module is missing: ${howToInstall('nginx-rtmp')}`)
  }
  const folder = await mediaFolder(scope)
  // nginx can't choose a port by itself.
  const port = await freePort()
  const file = join(folder, 'nginx.conf')
  await writeFile(file, configuration(folder, port))
  const program = startProgram(scope, ['/usr/sbin/nginx', '-p', folder, '-c', file, '-e', 'stderr'])
  await waitFor(
    () => `nginx listens: ${program.output}`,
    () => accepts(port),
  )
  return `rtmp://127.0.0.1:${port}`
}

/** One process; a queue long enough for a stream that is sent faster than it plays. */
function configuration(folder: string, port: number): string {
  return `
load_module ${NGINX_RTMP_MODULE};
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr error;
events {}
rtmp {
  access_log off;
  out_queue 4096;
  server {
    listen 127.0.0.1:${port};
    application live {
      live on;
    }
    application closed {
      live on;
      deny publish all;
      deny play all;
    }
  }
}
`
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return typeof address === 'object' && address !== null ? address.port : 0
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
