import type { Server, ServerResponse } from 'node:http'
import type { Http2SecureServer, Http2ServerResponse, ServerHttp2Session } from 'node:http2'
import { nodeHttp } from '../net/index.ts'

/**
 * Ends the connections of a listener that is no more: those on which nothing is asked at once, the others behind their answers. Who
 * keeps one open would go on to ask where nobody can come in any more.
 */
export class EndingConnections {
  readonly #server: Server | Http2SecureServer
  readonly #sessions = new Set<ServerHttp2Session>()
  /** Of HTTP/1.1: not answered whole yet. */
  readonly #responses = new Set<ServerResponse>()
  #hasBegun = false

  /** Ends nothing before `begin`. */
  constructor(server: Server | Http2SecureServer) {
    this.#server = server
    server.on('session', (session: ServerHttp2Session) => {
      this.#sessions.add(session)
      session.once('close', () => this.#sessions.delete(session))
    })
  }

  /** A request came, whose answer may be the last one. */
  note(response: ServerResponse | Http2ServerResponse): void {
    if (!(response instanceof nodeHttp.ServerResponse)) {
      return
    }
    if (this.#hasBegun) {
      response.shouldKeepAlive = false
    } else {
      this.#responses.add(response)
      response.once('close', () => this.#responses.delete(response))
    }
  }

  /** Ends them. Idempotent. */
  begin(): void {
    this.#hasBegun = true
    // A server that speaks HTTP/2, too, has connections of HTTP/1.1, but not this method.
    nodeHttp.Server.prototype.closeIdleConnections.call(this.#server)
    for (const response of this.#responses) {
      response.shouldKeepAlive = false
    }
    for (const session of this.#sessions) {
      session.close()
    }
  }
}
