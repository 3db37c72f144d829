import type { ClientRequest, Agent as HttpAgent, RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as requestSecurely } from 'node:https'
import { ServerError, toError } from '../../base/index.ts'
import { nodeHttp } from '../../net/index.ts'
import { printable, printableLines } from '../printable.ts'

/** Where the API of a server is asked. */
export type ApiTarget = Readonly<
  | {
      /** A Unix socket: the door of a server of the same user, who needs no password there. */
      door: string
    }
  | {
      /** e.g. 'http://host:1985'. */
      url: URL
      /** The Authorization header; '' for none. */
      authorization: string
    }
>

/** An answer of a server in bytes at most; a plan that cuts thousands of clients is long. */
const MAX_ANSWER_BYTES: number = 64 * 1024 * 1024

/** How long a server may take to answer, ms. */
const ANSWER_TIMEOUT_MS = 30_000

/** An answer of the API: `code` 0 if all is well. */
export type ApiAnswerBody = Readonly<Record<string, unknown> & { code: number; message?: unknown }>

/** Asks the API of a server. One connection serves all calls. */
export class ApiClient {
  readonly #target: ApiTarget
  readonly #agent: HttpAgent

  /** Nothing is connected yet. */
  constructor(target: ApiTarget) {
    this.#target = target
    const options = { keepAlive: true, maxSockets: 4 }
    this.#agent = this.#isSecure ? new HttpsAgent(options) : new nodeHttp.Agent(options)
  }

  /** What people call it. */
  get name(): string {
    return 'door' in this.#target ? `unix:${this.#target.door}` : this.#target.url.href
  }

  /** Lets go of the connection. */
  close(): void {
    this.#agent.destroy()
  }

  /**
   * Asks, and expects `code` 0.
   * @throws ServerError ERR_CONNECTION if no server answers, or it says no
   */
  async get(path: string): Promise<ApiAnswerBody> {
    const answer = await this.ask('GET', path)
    if (answer.code !== 0) {
      throw new ServerError('ERR_CONNECTION', `${this.name} says: ${explain(answer)}`)
    }
    return answer
  }

  /**
   * Asks.
   * @param path e.g. '/api/v1/streams/'
   * @returns the answer, whatever its `code` is
   * @throws ServerError ERR_CONNECTION if no server answers, it wants another password, or its answer is none of the API
   */
  async ask(method: 'GET' | 'POST' | 'DELETE', path: string): Promise<ApiAnswerBody> {
    const { status, text } = await this.#send(method, path)
    if (status === 401) {
      throw new ServerError(
        'ERR_CONNECTION',
        `${this.name} wants another password or token, or any: give --user and --password-file, or --token-file`,
      )
    }
    const body = parse(text)
    if (body === null) {
      throw new ServerError(
        'ERR_CONNECTION',
        `${this.name} has no ${path}: it answers ${status} ${firstLine(text)}`,
      )
    }
    return body
  }

  get #isSecure(): boolean {
    return !('door' in this.#target) && this.#target.url.protocol === 'https:'
  }

  #send(method: string, path: string): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const fail = (cause: unknown): void =>
        reject(
          new ServerError(
            'ERR_CONNECTION',
            `no answer from ${this.name}: ${describe(toError(cause), 'door' in this.#target)}`,
            {
              cause,
            },
          ),
        )
      const asked = this.#open(method, path)
      asked.on('response', (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (piece: string) => {
          text += piece
          if (text.length > MAX_ANSWER_BYTES) {
            response.destroy(
              new Error(`the answer is longer than ${MAX_ANSWER_BYTES} bytes (MAX_ANSWER_BYTES)`),
            )
          }
        })
        response.on('error', fail)
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      })
      asked.on('error', fail)
      asked.setTimeout(ANSWER_TIMEOUT_MS, () =>
        asked.destroy(new Error(`it took longer than ${ANSWER_TIMEOUT_MS} ms (ANSWER_TIMEOUT_MS)`)),
      )
      asked.end()
    })
  }

  #open(method: string, path: string): ClientRequest {
    if ('door' in this.#target) {
      return nodeHttp.request({ socketPath: this.#target.door, path, method, agent: this.#agent })
    }
    const { url, authorization } = this.#target
    const options: RequestOptions = {
      method,
      agent: this.#agent,
      headers: authorization === '' ? {} : { authorization },
    }
    return this.#isSecure
      ? requestSecurely(new URL(path, url), options)
      : nodeHttp.request(new URL(path, url), options)
  }
}

/** Why the API says no. */
export function explain({ code, message }: ApiAnswerBody): string {
  return typeof message === 'string' ? printableLines(message) : `code ${code}`
}

function parse(text: string): ApiAnswerBody | null {
  try {
    const value: unknown = JSON.parse(text)
    const isAnswer = typeof value === 'object' && value !== null && 'code' in value
    return isAnswer && typeof value.code === 'number' ? (value as ApiAnswerBody) : null
  } catch {
    return null
  }
}

function firstLine(text: string): string {
  return printable(text.split('\n', 1)[0] ?? '').slice(0, 80)
}

function describe(error: Error & { code?: unknown }, isDoor: boolean): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return isDoor
        ? 'its server has ended without removing it, most likely because it was killed; start it again'
        : 'no server listens there'
    case 'ENOENT':
      return 'no server listens there'
    case 'EACCES':
      return 'it belongs to another user'
    default:
      return error.message || String(error.code ?? 'it failed')
  }
}
