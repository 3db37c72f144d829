import { type ServerIdentity, SlicedText } from '../../base/index.ts'
import type { HttpReply, HttpRequest, HttpRouter } from '../../http/index.ts'
import { type ApiAnswer, type Endpoint, type ListAnswer, redirect, text } from './endpoint.ts'
import { jsonpCallbackOf, jsonpMethodOf } from './jsonp.ts'

const ID_PART = '{id}'

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
      if (own.endsWith(ID_PART)) {
        // As in SRS, whatever stands there is the id; else who kicks 'c1/' would get the list of endpoints, and take it for a yes.
        const below = own.slice(0, -ID_PART.length)
        router.handle(methods, `${below}*`, (request, reply) =>
          handler({ ...request, pathParameters: { id: request.path.slice(below.length) } }, reply),
        )
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
        sendJson(request, reply, 200, { ...envelope, ...answer.content }, headers)
        break
      case 'list':
        await sendList(request, reply, envelope, answer, headers)
        break
      case 'bare':
        sendJson(request, reply, 200, answer.body, headers)
        break
      case 'failure': {
        const { status, code, message } = answer
        sendJson(request, reply, status, { code, message }, headers)
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

type Headers = Readonly<Record<string, string>>

function sendJson(
  request: HttpRequest,
  reply: HttpReply,
  status: number,
  body: object,
  headers: Headers,
): void {
  const { before, after, contentType, more } = wrapperFor(request)
  reply.send(status, contentType, before + JSON.stringify(body) + after, { ...headers, ...more })
}

/** The envelope with a list in it. */
async function sendList(
  request: HttpRequest,
  reply: HttpReply,
  envelope: object,
  { name, write, total }: ListAnswer,
  headers: Headers,
): Promise<void> {
  const { before, after, contentType, more } = wrapperFor(request)
  const json = new SlicedText()
  json.write(`${before}${JSON.stringify(envelope).slice(0, -1)},"${name}":[`)
  await write(json)
  json.write('],"total":').number(total).write(`}${after}`)
  // Whole, not as it is made: it has a length, is of one moment and not of as long as its reader takes, and what fails is still answered so.
  reply.send(200, contentType, json, { ...headers, ...more })
}

/** What stands around JSON: a call of the function that the request names (JSONP), or nothing. */
function wrapperFor(request: HttpRequest): Readonly<{
  before: string
  after: string
  contentType: string
  more: Headers
}> {
  const callback = jsonpCallbackOf(request)
  return callback === null
    ? { before: '', after: '', contentType: 'application/json', more: {} }
    : {
        before: `${callback}(`,
        after: ')',
        contentType: 'text/javascript',
        // Browsers that don't believe the type must not take the answer for something else.
        more: { 'x-content-type-options': 'nosniff' },
      }
}

/** What SRS says more to pages of other origins than every answer of ours does; harmless, but clients may look. */
function corsOfSrs({ headers }: HttpRequest): Headers {
  return headers.origin === undefined
    ? {}
    : {
        'access-control-allow-headers': '*',
        'access-control-allow-methods': '*',
        'access-control-allow-credentials': 'false',
        'access-control-request-private-network': 'true',
      }
}
