import type { HttpReply, HttpRequest } from './media-exchange.ts'
import type { WebSocketHandler } from './web-socket-upgrade.ts'

/** Answers a request; what it throws is logged and answered 500. */
export type HttpHandler = (request: HttpRequest, reply: HttpReply) => Promise<void> | void

/** What answers which requests: by exact path, or by file extension. */
export class HttpRouter {
  readonly #paths = new Map<string, HttpHandler>()
  readonly #posts = new Map<string, HttpHandler>()
  readonly #extensions = new Map<string, HttpHandler>()
  readonly #upgrades = new Map<string, WebSocketHandler>()

  /** Answers GET and HEAD of exactly this path, e.g. 'api/v1/streams/'. */
  route(path: string, handler: HttpHandler): void {
    this.#paths.set(path, handler)
  }

  /** Answers POST of exactly this path; a body is not for it. */
  routePost(path: string, handler: HttpHandler): void {
    this.#posts.set(path, handler)
  }

  /** Answers GET and HEAD of every path with this extension, e.g. '.flv'. */
  routeExtension(extension: string, handler: HttpHandler): void {
    this.#extensions.set(extension, handler)
  }

  /** Decides about WebSocket upgrades on every path with this extension. */
  upgradeExtension(extension: string, handler: WebSocketHandler): void {
    this.#upgrades.set(extension, handler)
  }

  /** What answers a request; undefined if nothing does. */
  handlerOf(path: string, method = 'GET'): HttpHandler | undefined {
    return method === 'POST'
      ? this.#posts.get(path)
      : (this.#paths.get(path) ?? this.#extensions.get(extensionOf(path)))
  }

  /** What decides about upgrades on that path; undefined if nothing does. */
  upgradeOf(path: string): WebSocketHandler | undefined {
    return this.#upgrades.get(extensionOf(path))
  }
}

/** What a listener serves; can be replaced while it listens. */
export type HttpSite = Readonly<{
  /** The first that knows a path answers it. */
  routers: readonly HttpRouter[]
  /** Folders of static files for every other path; the first that has the file is taken. */
  roots: readonly string[]
  /** Whether pages of other origins may read the answers (CORS). */
  crossOrigin: boolean
}>

/** What answers a request at a site; undefined if no router does. */
export function handlerOf({ routers }: HttpSite, { path, method }: HttpRequest): HttpHandler | undefined {
  return routers.map((router) => router.handlerOf(path, method)).find((handler) => handler !== undefined)
}

/** What decides about upgrades on a path at a site; undefined if no router does. */
export function upgradeHandlerOf({ routers }: HttpSite, path: string): WebSocketHandler | undefined {
  return routers.map((router) => router.upgradeOf(path)).find((handler) => handler !== undefined)
}

/** The extension of a path's last part, with its dot; '' if it has none. */
function extensionOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return dot <= 0 ? '' : name.slice(dot)
}
