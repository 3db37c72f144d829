import { randomUUID } from 'node:crypto'
import querystring from 'node:querystring'
import type { Agent, Dispatcher, errors } from 'undici'
import { type Clock, SERVER_NAME, toError } from '../../base/index.ts'
import { type HookAnswer, readHookAnswer } from './hook-answer.ts'
import { type HookSigner, noHookSigner } from './hook-signer.ts'
import { HookStatistics } from './hook-statistics.ts'
import { defaultHookDelivery, type HookDeliveryOptions } from './options.ts'

/** Bytes of an answer; one that is larger is none. */
export const MAX_HOOK_ANSWER_BYTES: number = 64 * 1024

/** How long a connection is kept that nothing is sent on, ms. Less than common servers do, so that they seldom close one in use. */
export const HOOK_KEEP_ALIVE_MS = 4000

/** One call. */
export type HookCall = Readonly<{
  /** `action` of the body, under which it is counted. */
  event: string
  /** Where to; http or https. */
  url: string
  /** JSON. */
  body: string
  /** `webhook-id`: the same for each try to deliver the same. Default: a new one. */
  id?: string
  /** When it happened that is told, ms since the Unix epoch. Left out: now. */
  at?: number
  /** Gives it up, as the end of this server does. Left out: only `HookClient.close` does. */
  signal?: AbortSignal
}>

/** The options that count for a single call. */
type CallOptions = Pick<HookDeliveryOptions, 'connections' | 'timeoutMs'>

/**
 * Calls servers of hooks: POST of JSON over a bounded number of connections to each server, which are kept open. Calls beyond that
 * wait; the time for a call includes the waiting. Redirects are not followed.
 */
export class HookClient {
  /** What became of the calls. */
  readonly statistics: HookStatistics = new HookStatistics()
  readonly #clock: Clock
  readonly #closing = new AbortController()
  #options: CallOptions = defaultHookDelivery
  #signer: HookSigner = noHookSigner
  #agent: Promise<Agent> | null = null
  /** Agents that were replaced, and end with their last call. */
  readonly #leaving = new Set<Promise<Agent>>()

  /** @param clock stamps signatures, times calls */
  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Loads what calls need: with the first call, it would hold up all that is on its way. */
  async prepare(): Promise<void> {
    this.#agent ??= createAgent(this.#options)
    await this.#agent
  }

  /** Takes other options and keys for calls that begin from now on. */
  use(options: CallOptions, signer: HookSigner): void {
    const isOther = options.connections !== this.#options.connections
    this.#options = options
    this.#signer = signer
    const former = this.#agent
    if (isOther && former !== null) {
      this.#agent = createAgent(options)
      this.#leaving.add(former)
      const forget = (): boolean => this.#leaving.delete(former)
      // It rejects if `close` ends it before its last call has: it is gone all the same.
      void former.then((agent) => agent.close()).then(forget, forget)
    }
  }

  /**
   * Calls a hook. Never rejects.
   * @returns what it says, when all of the answer is there, or when the time is over
   */
  async call(call: HookCall): Promise<HookAnswer> {
    const { statistics } = this
    const begin = this.#clock.now()
    statistics.inFlight++
    const answer = await this.#answerOf(call)
    statistics.inFlight--
    statistics.add(call.event, answer.outcome, this.#clock.now() - begin)
    return answer
  }

  /** Gives up what is under way, and closes all connections. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.all([this.#agent, ...this.#leaving].map(async (agent) => (await agent)?.destroy()))
  }

  async #answerOf({ url, body, id = randomUUID(), at, signal: ending }: HookCall): Promise<HookAnswer> {
    const { timeoutMs } = this.#options
    const timeout = AbortSignal.timeout(Math.ceil(timeoutMs))
    const closing = AbortSignal.any([this.#closing.signal, ...(ending === undefined ? [] : [ending])])
    const signal = AbortSignal.any([timeout, closing])
    try {
      return await readResponse(await this.#send(url, body, this.#headers(id, body, at), signal))
    } catch (error) {
      const reason = timeout.aborted
        ? `it did not answer within ${timeoutMs} ms (hookDelivery.timeoutMs)`
        : closing.aborted
          ? 'this server is closing'
          : explain(toError(error))
      return { outcome: 'unavailable', status: null, reason }
    }
  }

  #headers(id: string, body: string, at: number | undefined): Record<string, string> {
    const headers = {
      'content-type': 'application/json',
      'user-agent': SERVER_NAME,
      'webhook-id': id,
      ...(at === undefined ? {} : { 'x-event-time': new Date(at).toISOString() }),
    }
    if (!this.#signer.signs) {
      return headers
    }
    const seconds = Math.floor(this.#clock.wallTime() / 1000)
    return {
      ...headers,
      'webhook-timestamp': String(seconds),
      'webhook-signature': this.#signer.sign(id, seconds, body),
    }
  }

  async #send(
    url: string,
    body: string,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const { origin, pathname, search, username, password } = new URL(url)
    const authorization =
      username === '' && password === '' ? {} : { authorization: basicAuth(username, password) }
    const request = {
      origin,
      path: `${pathname}${search}`,
      method: 'POST',
      headers: { ...headers, ...authorization },
      body,
      signal,
    } as const
    this.#agent ??= createAgent(this.#options)
    const agent = await this.#agent
    try {
      return await agent.request(request)
    } catch (error) {
      if (signal.aborted || !isClosedWhileKept(error)) {
        throw error
      }
      // The server closed a connection that was kept open just as it was used: that says nothing about the call.
      return await agent.request(request)
    }
  }
}

/** Reads an answer up to its end, or to the limit. */
async function readResponse({ statusCode: status, body }: Dispatcher.ResponseData): Promise<HookAnswer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MAX_HOOK_ANSWER_BYTES) {
      // Leaving the loop ends the connection, too.
      const reason = `it answered HTTP ${status} with more than ${MAX_HOOK_ANSWER_BYTES} bytes (MAX_HOOK_ANSWER_BYTES)`
      return { outcome: 'refused', status, reason }
    }
    chunks.push(chunk)
  }
  return readHookAnswer(status, Buffer.concat(chunks).toString('utf8'))
}

/** A URL as it may stand in a log: without the password and the query, where secrets are. */
export function describeHookUrl(url: string): string {
  const { origin, pathname } = new URL(url)
  return `${origin}${pathname}`
}

async function createAgent({ connections }: CallOptions): Promise<Agent> {
  // Not with this file: most commands of `srs` load it, and call nobody.
  const { Agent } = await import('undici')
  // The time of a call is measured as a whole; undici's own timers are coarse.
  return new Agent({
    connections,
    keepAliveTimeout: HOOK_KEEP_ALIVE_MS,
    headersTimeout: 0,
    bodyTimeout: 0,
    allowH2: false,
  })
}

function basicAuth(username: string, password: string): string {
  // A % that encodes nothing stands for itself, as in a password that was written as it is.
  return `Basic ${Buffer.from(`${querystring.unescape(username)}:${querystring.unescape(password)}`).toString('base64')}`
}

/** Whether a connection that had served others before was closed before there was an answer. */
function isClosedWhileKept(error: unknown): boolean {
  if (isSocketError(error)) {
    return (error.socket?.bytesRead ?? 0) > 0
  }
  return ['ECONNRESET', 'EPIPE'].includes(codeOf(toError(error)))
}

/** Of answers that break limits or promises of HTTP. */
const NO_HTTP_CODES: readonly string[] = ['UND_ERR_HEADERS_OVERFLOW', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH']

/** Why there is no answer, without addresses: the refused client is told. */
function explain(error: Error): string {
  const code = codeOf(error)
  if (isSocketError(error) || ['ECONNRESET', 'EPIPE'].includes(code)) {
    return 'it closed the connection without an answer'
  }
  if (error.name === 'HTTPParserError' || NO_HTTP_CODES.includes(code)) {
    return 'it answered what is no HTTP'
  }
  return `it can't be reached (${code})`
}

/** By its code, as undici documents it. */
function isSocketError(error: unknown): error is errors.SocketError {
  return error instanceof Error && codeOf(error) === 'UND_ERR_SOCKET'
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
