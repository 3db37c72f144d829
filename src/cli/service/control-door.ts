import { resolve } from 'node:path'
import type { Clock, Logger } from '../../base/index.ts'
import { type HttpRouter, HttpServer } from '../../http/index.ts'
import { ConnectionLimits, defaultConnectionLimits } from '../../net/index.ts'

/** Only the user who runs the server may ask. */
const DOOR_MODE = 0o600

/** What a door is made with. */
export type ControlDoorSetup = Readonly<{
  /** What is answered there, to whoever can open it. */
  router: HttpRouter
  logger: Logger
  clock: Clock
}>

/** Where the door of the server with that pid file is: a Unix socket beside it. */
export function doorPathOf(pidFile: string): string {
  return `${resolve(pidFile)}.sock`
}

/**
 * The door through which other commands of the same user reach a running server: its API by HTTP over Unix sockets, without a
 * password.
 */
export class ControlDoor {
  readonly #http: HttpServer
  readonly #router: HttpRouter

  /** Nobody can ask until `open`. */
  constructor({ router, logger, clock }: ControlDoorSetup) {
    this.#router = router
    this.#http = new HttpServer({ logger, limits: new ConnectionLimits(defaultConnectionLimits, clock) })
  }

  /**
   * Opens it at a path; may be called for several.
   * @throws ServerError ERR_LISTEN if the socket can't be had
   */
  async open(path: string): Promise<void> {
    const site = { routers: [this.#router], roots: [], crossOrigin: false }
    await this.#http.listen({ path, mode: DOOR_MODE }, { site, credentials: null, purpose: 'control' })
  }

  /** Closes all; the sockets are removed. */
  close(): Promise<void> {
    return this.#http.close()
  }
}
