import type { ServerIdentity } from '../../base/index.ts'
import type { HttpReply, HttpRequest, HttpRouter } from '../../http/index.ts'
import { type ApiAnswer, type Endpoint, redirect, text } from './endpoint.ts'
import { jsonpCallbackOf, jsonpMethodOf } from './jsonp.ts'

/** Decides about a request before its endpoint sees it: gives the answer of a refusal, or null to let it pass. */
export type ApiGuard = (request: HttpRequest, endpoint: Endpoint) => ApiAnswer | null

/** What the API is made with. */
export type ApiSetup = Readonly<{
  /** Which server this is: stands in every answer. */
  identity: ServerIdentity
  /** The table. */
  endpoints: readonly Endpoint[]
}>

/** Where the endpoints of the API get their paths, and their answers the form of SRS. */
export class Api {
  readonly #setup: ApiSetup

  /** Answers nothing until it is mounted. */
  constructor(setup: ApiSetup) {
    this.#setup = setup
  }

  /** The table. */
  get endpoints(): readonly Endpoint[] {
    return this.#setup.endpoints
  }

  /**
   * Adds a route for each endpoint.
   * @param guard decides who may ask; null for a door that only the user who runs the server can open: there everything is allowed
   */
  mount(router: HttpRouter, guard: ApiGuard | null): void {
    for (const path of new Set(this.endpoints.map((endpoint) => endpoint.path))) {
      this.#mountPath(router, guard, path)
    }
  }

  #mountPath(router: HttpRouter, guard: ApiGuard | null, path: string): void {
    const rows = this.endpoints.filter((endpoint) => endpoint.path === path)
    const own = path.slice(1)
    const answerAs = async (method: string, request: HttpRequest, reply: HttpReply): Promise<void> => {
      const endpoint = rows.find((row) => takes(row, method))
      if (endpoint === undefined) {
        this.#send(request, reply, text(405, 'Method Not Allowed'))
        return
      }
      const refused = guard?.(request, endpoint) ?? null
      this.#send(request, reply, refused ?? (await endpoint.handle(request, { isDoor: guard === null })))
    }
    for (const { method, takesPathsBelow } of rows) {
      const methods = method === 'any' ? method : [method]
      const handler = (request: HttpRequest, reply: HttpReply): Promise<void> =>
        answerAs(jsonpMethodOf(request) ?? request.method, request, reply)
      router.handle(methods, own, handler)
      if (takesPathsBelow === true) {
        router.handle(methods, `${own}*`, handler)
      }
    }
    if (own.endsWith('/')) {
      router.handle('any', own.slice(0, -1), (request, reply) => {
        const query = request.url.indexOf('?')
        const location = path + (query < 0 ? '' : request.url.slice(query))
        this.#send(request, reply, redirect(302, location))
      })
    }
  }

  #send(request: HttpRequest, reply: HttpReply, answer: ApiAnswer): void {
    const headers = { 'cache-control': 'no-store', ...corsOfSrs(request) }
    switch (answer.kind) {
      case 'data': {
        const { serverId, serviceId, pid } = this.#setup.identity
        const envelope = { code: 0, server: serverId, service: serviceId, pid }
        sendJson(request, reply, 200, { ...envelope, ...answer.content }, headers)
        break
      }
      case 'bare':
        sendJson(request, reply, 200, answer.body, headers)
        break
      case 'failure':
        sendJson(request, reply, answer.status, { code: answer.code, message: answer.message }, headers)
        break
      case 'text':
        reply.send(answer.status, answer.contentType, answer.body, { ...headers, ...answer.headers })
        break
      case 'redirect': {
        const { status, location } = answer
        const body = `Redirect to ${location.replace(/\?.*/, '')}`
        reply.send(status, 'text/plain; charset=utf-8', body, { ...headers, location })
        break
      }
      case 'take-over':
        answer.answer(reply)
        break
    }
  }
}

function takes({ method }: Endpoint, asked: string): boolean {
  return method === 'any' || method === (asked === 'HEAD' ? 'GET' : asked)
}

function sendJson(
  request: HttpRequest,
  reply: HttpReply,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>>,
): void {
  const json = JSON.stringify(body)
  const callback = jsonpCallbackOf(request)
  if (callback === null) {
    reply.send(status, 'application/json', json, headers)
  } else {
    // Browsers that don't believe the type must not take the answer for something else.
    reply.send(status, 'text/javascript', `${callback}(${json})`, {
      ...headers,
      'x-content-type-options': 'nosniff',
    })
  }
}

/** What SRS says more to pages of other origins than every answer of ours does; harmless, but clients may look. */
function corsOfSrs({ headers }: HttpRequest): Readonly<Record<string, string>> {
  return headers.origin === undefined
    ? {}
    : {
        'access-control-allow-headers': '*',
        'access-control-allow-methods': '*',
        'access-control-allow-credentials': 'false',
        'access-control-request-private-network': 'true',
      }
}
