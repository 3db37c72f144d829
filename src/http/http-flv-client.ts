import type { Agent, Response } from 'undici'
import { readSaid, ServerError, TimeoutError, toError } from '../base/index.ts'
import { type FlvTag, FlvTagReader } from '../media/index.ts'

/** How a stream is read over HTTP. */
export type HttpFlvOptions = Readonly<{
  /** A server that sends nothing for so long is given up, ms; 0 waits for ever. Default 30 000. */
  idleTimeoutMs?: number
  /** Time for the connection, that of TLS included, ms. Default 10 000. */
  connectTimeoutMs?: number
  /** Time for the head of the answer, ms: a server may have to fetch the stream itself. Default: that of `idleTimeoutMs`. */
  answerTimeoutMs?: number
  /** Further headers of the request. */
  headers?: Readonly<Record<string, string>>
  /** Ends the reading at once; its reason is thrown. */
  signal?: AbortSignal
}>

/** Default of `HttpFlvOptions.idleTimeoutMs`. */
export const DEFAULT_HTTP_FLV_IDLE_TIMEOUT_MS = 30_000

/** Default of `HttpFlvOptions.connectTimeoutMs`. */
export const DEFAULT_HTTP_FLV_CONNECT_TIMEOUT_MS = 10_000

/** A server answered, and not with a stream. */
export class HttpStatusError extends ServerError {
  /** The status that it answered with. */
  readonly status: number
  /** The first line of what it said, as `readSaid` gives it; '' if it said nothing, has a page for it, or sent us to another server. */
  readonly said: string

  /** @param address of what was asked for, without its query @param status other than 200 */
  constructor(address: string, status: number, said: string) {
    super('ERR_CONNECTION', `${address} answers HTTP ${status}${said === '' ? '' : `: ${said}`}`)
    this.status = status
    this.said = said
  }
}

/** An FLV stream over HTTP or HTTPS, read as it comes. */
export class HttpFlvStream {
  readonly #address: string
  readonly #chunks: ReadableStreamDefaultReader<Uint8Array>
  readonly #end: StreamEnd
  readonly #reader = new FlvTagReader()
  readonly #idleTimeoutMs: number
  #tags: FlvTag[] = []
  #taken = 0
  #bytesReceived = 0

  private constructor(
    address: string,
    chunks: ReadableStreamDefaultReader<Uint8Array>,
    end: StreamEnd,
    idleTimeoutMs: number,
  ) {
    this.#address = address
    this.#chunks = chunks
    this.#end = end
    this.#idleTimeoutMs = idleTimeoutMs
  }

  /**
   * Asks for a stream, redirects followed. Resolves when the server has answered that it comes.
   * @param url `http://host/app/stream.flv`
   * @throws HttpStatusError for any status but 200; ServerError ERR_CONNECTION if there is no connection; TimeoutError for silence
   */
  static async open(url: string, options: HttpFlvOptions = {}): Promise<HttpFlvStream> {
    const { idleTimeoutMs = DEFAULT_HTTP_FLV_IDLE_TIMEOUT_MS, signal, headers = {} } = options
    const { connectTimeoutMs = DEFAULT_HTTP_FLV_CONNECT_TIMEOUT_MS, answerTimeoutMs = idleTimeoutMs } =
      options
    const address = url.replace(/[?#].*$/s, '')
    // Only now: who reads no stream over HTTP starts sooner and with less memory without it.
    const { Agent, fetch } = await import('undici')
    // Of its own: a pool would keep connections that nobody needs again. Its own limits are of no use to what has no end.
    const agent = new Agent({ connect: { timeout: connectTimeoutMs }, headersTimeout: 0, bodyTimeout: 0 })
    const end = new StreamEnd(signal, agent)
    end.expect(answerTimeoutMs, options.answerTimeoutMs === undefined ? 'idleTimeoutMs' : 'answerTimeoutMs')
    try {
      const response = await fetch(url, { signal: end.signal, headers, dispatcher: agent })
      if (response.status !== 200 || response.body === null) {
        throw new HttpStatusError(address, response.status, await firstLine(response))
      }
      end.expect(0, '')
      return new HttpFlvStream(address, response.body.getReader(), end, idleTimeoutMs)
    } catch (thrown) {
      const error = end.explain(address, thrown)
      await end.close()
      throw error
    }
  }

  /** Bytes of the stream received so far. */
  get bytesReceived(): number {
    return this.#bytesReceived
  }

  /**
   * The next tag; waits for one. While nobody asks, little is read.
   * @returns null at the end
   * @throws ServerError ERR_CONNECTION if the connection is lost; TimeoutError for silence; ProtocolError if what comes is no FLV
   */
  async next(): Promise<FlvTag | null> {
    while (this.#taken === this.#tags.length) {
      this.#taken = 0
      this.#tags = []
      if (!(await this.#read())) {
        return null
      }
    }
    return this.#tags[this.#taken++] ?? null
  }

  /** Closes the connection; a pending `next` gives null. Idempotent. */
  async close(): Promise<void> {
    await this.#end.close()
  }

  /** False at the end. */
  async #read(): Promise<boolean> {
    // Only now: a program that is slow is no silence of the server.
    this.#end.expect(this.#idleTimeoutMs, 'idleTimeoutMs')
    try {
      const { done, value } = await this.#chunks.read()
      if (done) {
        return false
      }
      this.#bytesReceived += value.length
      this.#reader.push(value, (tag) => this.#tags.push(tag))
      return true
    } catch (thrown) {
      if (this.#end.closed) {
        return false
      }
      throw this.#end.explain(this.#address, thrown)
    } finally {
      this.#end.expect(0, '')
    }
  }
}

/**
 * What a server says in place of a stream: of the first piece that comes, as it may have no end. Of another one that it has sent us to
 * nothing: that may be one that only this machine can ask, and what it says is none of those who watch.
 */
async function firstLine({ body, redirected }: Response): Promise<string> {
  const reader = body?.getReader()
  const first = await reader?.read()
  await reader?.cancel()
  const [line = ''] = new TextDecoder().decode(first?.value).split(/[\r\n]/, 1)
  return redirected || line.trimStart().startsWith('<') ? '' : readSaid(line)
}

/** What ends a stream from this side: a time-out, who asked for it, or its reader. */
class StreamEnd {
  readonly signal: AbortSignal
  readonly #own = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #closed = false

  readonly #agent: Agent

  constructor(signal: AbortSignal | undefined, agent: Agent) {
    this.#agent = agent
    this.signal = AbortSignal.any([this.#own.signal, ...(signal === undefined ? [] : [signal])])
  }

  get closed(): boolean {
    return this.#closed
  }

  /** From now on the server has so long, ms; 0 for as long as it likes. */
  expect(timeoutMs: number, option: string): void {
    clearTimeout(this.#timer)
    if (timeoutMs > 0) {
      const onSilence = (): void =>
        this.#own.abort(new TimeoutError(`the server sent nothing for ${timeoutMs} ms (${option})`))
      this.#timer = setTimeout(onSilence, timeoutMs)
    }
  }

  /** Resolves when the connection is gone. */
  async close(): Promise<void> {
    this.#closed = true
    this.expect(0, '')
    this.#own.abort()
    await this.#agent.destroy()
  }

  /** The error for what was thrown. */
  explain(address: string, thrown: unknown): Error {
    if (this.signal.aborted) {
      return toError(this.signal.reason)
    }
    const error = toError(thrown)
    if (error instanceof ServerError) {
      return error
    }
    // What `fetch` throws has its reason underneath.
    const { message } = error.cause === undefined ? error : toError(error.cause)
    return new ServerError('ERR_CONNECTION', `${address} can't be read: ${message}`, { cause: error })
  }
}

/**
 * Reads an FLV stream over HTTP or HTTPS, redirects followed, as it comes. Leaving the loop closes the connection.
 * @param url `http://host/app/stream.flv`
 * @throws what `HttpFlvStream` throws
 */
export async function* readHttpFlv(
  url: string,
  options: HttpFlvOptions = {},
): AsyncGenerator<FlvTag, void, undefined> {
  const stream = await HttpFlvStream.open(url, options)
  try {
    for (let tag = await stream.next(); tag !== null; tag = await stream.next()) {
      yield tag
    }
  } finally {
    await stream.close()
  }
}
