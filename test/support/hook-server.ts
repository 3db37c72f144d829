import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Scope } from './server.ts'

/** What a server of hooks was sent. */
export type HookRequest = Readonly<{
  path: string
  method: string
  headers: IncomingHttpHeaders
  /** As it was sent. */
  text: string
  /** What that says. */
  body: Readonly<Record<string, unknown>>
}>

/** Answers a request; the response may be ended at any time, or never. */
export type HookResponder = (request: HookRequest, response: ServerResponse) => void

/** A server of hooks that keeps what it is sent. */
export type HookServer = Readonly<{
  /** `http://127.0.0.1:port` */
  url: string
  port: number
  /** What came, in order. */
  requests: HookRequest[]
  /** Connections that were made, and how many there were at once at most. */
  connections: { made: number; atOnce: number }
  /** Answers differently from now on. */
  respond(responder: HookResponder): void
  /** Ends it; connections, too. Idempotent. */
  close(): Promise<void>
}>

/** Says yes. */
export const sayYes: HookResponder = (_request, response) => {
  response.end('{"code":0}')
}

/** Starts a server of hooks on loopback, which says yes until told otherwise; it is closed after the test. */
export async function startHookServer(
  scope: Scope,
  responder: HookResponder = sayYes,
  port = 0,
): Promise<HookServer> {
  let respond = responder
  const requests: HookRequest[] = []
  const connections = { made: 0, atOnce: 0, now: 0 }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8')
      const { url: path = '', method = '', headers } = request
      const received = { path, method, headers, text, body: JSON.parse(text) as HookRequest['body'] }
      requests.push(received)
      respond(received, response)
    })
  })
  server.on('connection', (socket) => {
    connections.made++
    connections.now++
    connections.atOnce = Math.max(connections.atOnce, connections.now)
    socket.on('close', () => connections.now--)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const { port: bound } = server.address() as AddressInfo
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeAllConnections()
    await closed
  }
  scope.onTestFinished(close)
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    requests,
    connections,
    respond(next) {
      respond = next
    },
    close,
  }
}
