import type { HttpReply, HttpRequest } from './media-exchange.ts'
import { matchPath, type PathPattern, parsePathPattern } from './path-pattern.ts'
import type { WebSocketHandler } from './web-socket-upgrade.ts'

/** Answers a request; what it throws is logged and answered 500. */
export type HttpHandler = (request: HttpRequest, reply: HttpReply) => Promise<void> | void

/** Which methods a route takes; 'any' for all of `HTTP_METHODS`. Who takes GET takes HEAD, too. */
export type RouteMethods = readonly string[] | 'any'

/** The methods that routes may take; OPTIONS is answered for all of them alike. */
export const HTTP_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH'] as const

/** What answers a request, or which methods its path would take; undefined if the path is not known. */
export type RouteMatch =
  | Readonly<{ handler: HttpHandler; pathParameters: Readonly<Record<string, string>> }>
  | Readonly<{ allow: readonly string[] }>
  | undefined

/** One path: what answers which method. */
type Route = Readonly<{ pattern: PathPattern; handlers: Map<string, HttpHandler> }>

/** What answers which requests: by path or pattern of a path, or by file extension. */
export class HttpRouter {
  readonly #paths = new Map<string, Route>()
  readonly #patterns: Route[] = []
  readonly #prefixes: Route[] = []
  readonly #extensions = new Map<string, HttpHandler>()
  readonly #upgrades = new Map<string, WebSocketHandler>()

  /** Answers GET and HEAD of exactly this path, e.g. 'api/v1/streams/'. */
  route(path: string, handler: HttpHandler): void {
    this.handle(['GET'], path, handler)
  }

  /**
   * Answers these methods of the paths that a pattern means; other methods of them are answered 405. A path that is written out comes
   * before one with parts in braces, and that before one that ends in `*`, of which the longest counts.
   * @param path without the leading slash: 'api/v1/clients/{id}', where a part in braces stands for one that is not empty and is
   * given in `pathParameters`; 'api/*' means everything below that no other route and no extension of the site knows
   */
  handle(methods: RouteMethods, path: string, handler: HttpHandler): void {
    const { handlers } = this.#routeOf(path)
    for (const method of methods === 'any' ? HTTP_METHODS : methods) {
      handlers.set(method, handler)
    }
    if (!handlers.has('HEAD') && handlers.has('GET')) {
      handlers.set('HEAD', handler)
    }
  }

  /** Answers GET and HEAD of every path with this extension, e.g. '.flv'. */
  routeExtension(extension: string, handler: HttpHandler): void {
    this.#extensions.set(extension, handler)
  }

  /** Decides about WebSocket upgrades on every path with this extension. */
  upgradeExtension(extension: string, handler: WebSocketHandler): void {
    this.#upgrades.set(extension, handler)
  }

  /** What answers a request by its path or extension. */
  match(path: string, method = 'GET'): RouteMatch {
    const exact = this.#paths.get(path)
    if (exact !== undefined) {
      return answerOf(exact, method, {})
    }
    for (const route of this.#patterns) {
      const pathParameters = matchPath(route.pattern, path)
      if (pathParameters !== null) {
        return answerOf(route, method, pathParameters)
      }
    }
    const handler = this.#extensions.get(extensionOf(path))
    if (handler === undefined) {
      return undefined
    }
    const isRead = method === 'GET' || method === 'HEAD'
    return isRead ? { handler, pathParameters: {} } : { allow: ['GET', 'HEAD'] }
  }

  /** What answers a request that nothing else of a site knows. */
  matchPrefix(path: string, method = 'GET'): RouteMatch {
    const route = this.#prefixes.find(({ pattern }) => matchPath(pattern, path) !== null)
    return route === undefined ? undefined : answerOf(route, method, {})
  }

  /** What decides about upgrades on that path; undefined if nothing does. */
  upgradeOf(path: string): WebSocketHandler | undefined {
    return this.#upgrades.get(extensionOf(path))
  }

  #routeOf(path: string): Route {
    const pattern = parsePathPattern(path)
    const list = pattern.isPrefix ? this.#prefixes : this.#patterns
    const known = this.#paths.get(path) ?? list.find((route) => route.pattern.text === path)
    if (known !== undefined) {
      return known
    }
    const route: Route = { pattern, handlers: new Map() }
    if (pattern.isPrefix || pattern.hasParameters) {
      list.push(route)
      list.sort((a, b) => b.pattern.text.length - a.pattern.text.length)
    } else {
      this.#paths.set(path, route)
    }
    return route
  }
}

/** A folder of static files. */
export type StaticRoot = Readonly<{
  /** Its path. */
  folder: string
  /** Headers that a file's answer gets, by the file's path within the folder. Default: none. */
  headersOf?: (path: string) => Readonly<Record<string, string>>
}>

/** What a listener serves; can be replaced while it listens. */
export type HttpSite = Readonly<{
  /** The first that knows a path answers it. */
  routers: readonly HttpRouter[]
  /** Folders of static files for every other path; the first that has the file is taken. */
  roots: readonly StaticRoot[]
  /** Whether pages of other origins may read the answers (CORS). */
  crossOrigin: boolean
}>

/** What answers a request at a site. */
export function matchRoute(
  { routers }: HttpSite,
  { path, method }: Pick<HttpRequest, 'path' | 'method'>,
): RouteMatch {
  const first = (find: (router: HttpRouter) => RouteMatch): RouteMatch => {
    for (const router of routers) {
      const found = find(router)
      if (found !== undefined) {
        return found
      }
    }
    return undefined
  }
  return first((router) => router.match(path, method)) ?? first((router) => router.matchPrefix(path, method))
}

/** What decides about upgrades on a path at a site; undefined if no router does. */
export function upgradeHandlerOf({ routers }: HttpSite, path: string): WebSocketHandler | undefined {
  return routers.map((router) => router.upgradeOf(path)).find((handler) => handler !== undefined)
}

function answerOf(
  { handlers }: Route,
  method: string,
  pathParameters: Readonly<Record<string, string>>,
): RouteMatch {
  const handler = handlers.get(method)
  return handler === undefined ? { allow: [...handlers.keys()] } : { handler, pathParameters }
}

/** The extension of a path's last part, with its dot; '' if it has none. */
function extensionOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return dot <= 0 ? '' : name.slice(dot)
}
