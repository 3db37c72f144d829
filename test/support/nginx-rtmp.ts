import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findTool, howToInstall, NGINX_RTMP_MODULE } from '../../scripts/lib/tools.ts'
import { freePort, waitForPort } from './ports.ts'
import { startProgram } from './program.ts'
import type { Scope } from './server.ts'
import { mediaFolder } from './sources.ts'

/** Applications beside `live` and `closed`, by name, with what their blocks say: `push rtmp://...;`, `pull rtmp://... static;`. */
export type NginxApplications = Readonly<Record<string, string>>

/**
 * Starts nginx with its RTMP module, on a free port of 127.0.0.1: `live` is open, `closed` lets nobody in, and others do as they
 * are told. A relay that fails is tried again after a second. It is ended after the test.
 * @returns `rtmp://127.0.0.1:port`
 */
export async function startNginxRtmp(scope: Scope, applications: NginxApplications = {}): Promise<string> {
  if (findTool('nginx-rtmp') === null) {
    throw new Error(`nginx with its RTMP module is missing: ${howToInstall('nginx-rtmp')}`)
  }
  const folder = await mediaFolder(scope)
  // nginx can't choose a port by itself.
  const port = await freePort()
  const file = join(folder, 'nginx.conf')
  await writeFile(file, configuration(folder, port, applications))
  const program = startProgram(scope, ['/usr/sbin/nginx', '-p', folder, '-c', file, '-e', 'stderr'])
  await waitForPort('nginx', port, program)
  return `rtmp://127.0.0.1:${port}`
}

/** One process; a queue long enough for a stream that is sent faster than it plays. */
function configuration(folder: string, port: number, applications: NginxApplications): string {
  const others = Object.entries(applications).map(
    ([name, text]) => `application ${name} { live on; ${text} }`,
  )
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
  push_reconnect 1s;
  pull_reconnect 1s;
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
    ${others.join('\n    ')}
  }
}
`
}
