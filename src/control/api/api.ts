import { type ServerIdentity, SlicedText } from '../../base/index.ts'
import type { HttpReply, HttpRequest, HttpRouter } from '../../http/index.ts'
import { type ApiAnswer, type Endpoint, type ListAnswer, redirect, text } from './endpoint.ts'
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
        await this.#send(request, reply, text(405, 'Method Not Allowed'))
        return
      }
      const refused = guard?.(request, endpoint) ?? null
      const answer = refused ?? (await endpoint.handle(request, { isDoor: guard === null }))
      await this.#send(request, reply, answer)
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
        return this.#send(request, reply, redirect(302, location))
      })
    }
  }

  async #send(request: HttpRequest, reply: HttpReply, answer: ApiAnswer): Promise<void> {
    const headers = { 'cache-control': 'no-store', ...corsOfSrs(request) }
    const { serverId, serviceId, pid } = this.#setup.identity
    const envelope = { code: 0, server: serverId, service: serviceId, pid }
    switch (answer.kind) {
      case 'data':
        sendJson(request, reply, 200, jsonOf({ ...envelope, ...answer.content }), headers)
        break
      case 'list':
        sendJson(request, reply, 200, await listJson(envelope, answer), headers)
        break
      case 'bare':
        sendJson(request, reply, 200, jsonOf(answer.body), headers)
        break
      case 'failure': {
        const { status, code, message } = answer
        sendJson(request, reply, status, jsonOf({ code, message }), headers)
        break
      }
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

function jsonOf(body: object): readonly Uint8Array[] {
  return [Buffer.from(JSON.stringify(body))]
}

/** The envelope with a list in it. */
async function listJson(envelope: object, list: ListAnswer): Promise<readonly Uint8Array[]> {
  const json = new SlicedText()
  json.write(`${JSON.stringify(envelope).slice(0, -1)},"${list.name}":[`)
  await list.write(json)
  json.write('],"total":').number(list.total).write('}')
  return json.slices
}

function sendJson(
  request: HttpRequest,
  reply: HttpReply,
  status: number,
  json: readonly Uint8Array[],
  headers: Readonly<Record<string, string>>,
): void {
  const callback = jsonpCallbackOf(request)
  if (callback === null) {
    reply.send(status, 'application/json', json, headers)
  } else {
    // Browsers that don't believe the type must not take the answer for something else.
    const script = [Buffer.from(`${callback}(`), ...json, Buffer.from(')')]
    reply.send(status, 'text/javascript', script, { ...headers, 'x-content-type-options': 'nosniff' })
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
