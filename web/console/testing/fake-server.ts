import { readFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import type { FakeApi } from './fake-api.ts'

/** A fake server that listens. */
export type FakeServer = Readonly<{
  /** `http://127.0.0.1:port/` */
  url: string
  /** Closes it and its connections. */
  close: () => Promise<void>
}>

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}
const EVENT_MS = 2_000

/**
 * Serves the built page and console with a fake API, on a free port of the loopback.
 * @param root the folder of what is built, `dist/web`
 */
export async function startFakeServer(api: FakeApi, root: string): Promise<FakeServer> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://fake')
    const { pathname } = url
    if (!pathname.includes('/api/v1/')) {
      void serveFile(
        join(root, normalize(pathname.endsWith('/') ? `${pathname}index.html` : pathname)),
        response,
      )
      return
    }
    const isEvents = pathname.endsWith('/events')
    const asked = isEvents ? new URL('/api/v1/versions', url) : url
    const { status, contentType, body } = api.answer(
      request.method ?? 'GET',
      asked,
      request.headers.authorization ?? '',
    )
    if (isEvents && status === 200) {
      sendEvents(api, response)
    } else {
      response.writeHead(status, { 'content-type': contentType }).end(body)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function sendEvents(api: FakeApi, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const send = (type: string, data: object): void => {
    response.write(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`)
  }
  send('server', api.ports)
  send('streams', api.streams())
  const timer = setInterval(() => send('streams', api.streams()), EVENT_MS)
  response.once('close', () => clearInterval(timer))
}

async function serveFile(path: string, response: ServerResponse): Promise<void> {
  try {
    const body = await readFile(path)
    response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' }).end(body)
  } catch {
    response.writeHead(404).end()
  }
}
