import { type Logger, nextTurn } from '../../base/index.ts'
import type { Admission, Decision, StreamRequest } from '../../live/index.ts'
import type { HookAnswer } from './hook-answer.ts'
import type { HookBodies } from './hook-bodies.ts'
import { describeHookUrl, type HookClient } from './hook-client.ts'
import { type HookDeliveryOptions, type HookOptions, hookUrls } from './options.ts'

/** What is asked before a client is let in. */
export type DecisionEvent = 'on_connect' | 'on_publish' | 'on_play'

/** What hook admission is made with. */
export type HookAdmissionSetup = Readonly<{
  /** Calls the hooks. */
  client: HookClient
  /** Writes what they are sent. */
  bodies: HookBodies
  /** The hooks of a virtual host as of now; undefined if there is no such virtual host. */
  hooksOf: (vhost: string) => HookOptions | undefined
  /** What holds if a server of hooks is down or slow, as of now. */
  whenUnavailable: () => HookDeliveryOptions['whenUnavailable']
  /** Waits for what was told before about the stream, for a while. */
  settle: (url: string, request: StreamRequest) => Promise<void>
  /** Told of clients that `mayConnect` lets in. */
  onConnected: (request: StreamRequest) => void
  /** Told of servers of hooks that are down. */
  logger: Logger
}>

/**
 * Asks the hooks of the virtual host, one URL after the other; the first that does not say yes refuses. What the program in this process
 * does, and relays, are let in: they are the operator's own.
 */
export class HookAdmission implements Admission {
  readonly #setup: HookAdmissionSetup
  readonly #closing = new AbortController()
  /** Calls without an answer yet. */
  readonly #calls = new Set<Promise<HookAnswer>>()

  /** Nothing is called before somebody comes. */
  constructor(setup: HookAdmissionSetup) {
    this.#setup = setup
  }

  /** Asks `onConnect`. */
  async mayConnect(request: StreamRequest): Promise<Decision> {
    const decision = await this.#ask('on_connect', request)
    if (decision.allowed) {
      this.#setup.onConnected(request)
    }
    return decision
  }

  /** Asks `onPublish`. */
  mayPublish(request: StreamRequest): Promise<Decision> {
    return this.#ask('on_publish', request)
  }

  /** Asks `onPlay`. */
  mayPlay(request: StreamRequest): Promise<Decision> {
    return this.#ask('on_play', request)
  }

  /** Gives up what is asked: the server ends. Resolves when that is known where it was asked. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.all(this.#calls)
    await nextTurn()
  }

  async #ask(event: DecisionEvent, request: StreamRequest): Promise<Decision> {
    const { client, bodies, hooksOf, whenUnavailable, settle, logger } = this.#setup
    const urls = concernsHooks(request) ? hookUrls(hooksOf(request.name.vhost) ?? {}, event) : []
    for (const url of urls) {
      if (event === 'on_publish') {
        // Else whoever listens could take the end of the last publication for that of this one.
        await settle(url, request)
      }
      const { signal } = this.#closing
      const call = client.call({ event, url, body: bodies.write(event, request), signal })
      this.#calls.add(call)
      const answer = await call
      this.#calls.delete(call)
      if (answer.outcome === 'allowed') {
        continue
      }
      const { outcome, reason } = answer
      const allows = outcome === 'unavailable' && whenUnavailable() === 'allow'
      const fields = { event, url: describeHookUrl(url), client: request.client.id, reason }
      logger.warn(fields, allows ? 'a hook is unavailable: the client is let in' : 'a hook said no yes')
      if (!allows) {
        return { allowed: false, reason: `hook ${event}: ${reason}`, link: 'hook', code: `hook_${outcome}` }
      }
    }
    return { allowed: true }
  }
}

/**
 * Whether hooks are about it: of what this server does itself (files, the program, relays) they are neither asked nor told, but for files
 * of ingests, which come by RTMP with SRS.
 */
export function concernsHooks({ client: { protocol }, isIngested }: StreamRequest): boolean {
  return (
    isIngested === true ||
    protocol === 'rtmp' ||
    protocol === 'http-flv' ||
    protocol === 'ws-flv' ||
    protocol === 'hls'
  )
}
