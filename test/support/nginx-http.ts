import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort, waitForPort } from './ports.ts'
import { startProgram } from './program.ts'
import type { Scope } from './server.ts'
import { mediaFolder } from './sources.ts'

/**
 * Starts nginx with what a page says of `http`, on a free port of 127.0.0.1. It is ended after the test.
 * @param text has `listen 80;`, `http://127.0.0.1:8080` and perhaps `/var/cache/nginx`, which are replaced
 * @returns `http://127.0.0.1:port`
 */
export async function startNginxHttp(scope: Scope, text: string, httpUrl: string): Promise<string> {
  const folder = await mediaFolder(scope)
  const cache = join(folder, 'cache')
  await mkdir(cache)
  const port = await freePort()
  const http = text
    .replace('listen 80;', `listen 127.0.0.1:${port};`)
    .replace('/var/cache/nginx', cache)
    .replaceAll('http://127.0.0.1:8080', httpUrl)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(folder, name)};`,
  )
  const file = join(folder, 'nginx.conf')
  await writeFile(
    file,
    `daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr error; events {}
http { access_log off; ${temporary.join(' ')}
${http} }
`,
  )
  const program = startProgram(scope, ['/usr/sbin/nginx', '-p', folder, '-c', file, '-e', 'stderr'])
  await waitForPort('nginx', port, program)
  return `http://127.0.0.1:${port}`
}
