import type { Envelope } from './envelope.ts'

/** How long the server may take to answer, in ms. */
const ANSWER_TIMEOUT_MS = 5_000

/** Why a question was not answered. */
export type ApiFailureKind = 'gone' | 'unauthorised' | 'forbidden' | 'missing' | 'refused'

/** A question that was not answered, and why. */
export class ApiFailure extends Error {
  /** `gone`: no server answers; `missing`: this one does not have it; `refused`: it said no, with an error code. */
  readonly kind: ApiFailureKind
  /** The error code of the API; 0 if it gave none. */
  readonly code: number

  constructor(kind: ApiFailureKind, message: string, code = 0) {
    super(message)
    this.kind = kind
    this.code = code
  }
}

/** The query of a question. */
export type Parameters = Readonly<Record<string, string | number>>

/** Asks the API. */
export class ApiClient {
  readonly #base: string
  readonly #authorization: () => string | null

  /**
   * @param base address of the API, `.../api/v1/`
   * @param authorization the header of that name; null without one
   */
  constructor(base: string, authorization: () => string | null) {
    this.#base = base
    this.#authorization = authorization
  }

  /**
   * Asks for something.
   * @param key the field of the answer that has it
   * @throws ApiFailure
   */
  get<T extends Envelope>(path: string, key: keyof T, parameters: Parameters = {}): Promise<T> {
    return this.#askFor<T>('GET', path, key, parameters)
  }

  /** @throws ApiFailure */
  async delete(path: string): Promise<void> {
    await this.#ask('DELETE', path, {})
  }

  /**
   * Has something done that has an answer.
   * @param key the field of the answer that has it
   * @throws ApiFailure
   */
  post<T extends Envelope>(path: string, key: keyof T): Promise<T> {
    return this.#askFor<T>('POST', path, key, {})
  }

  /**
   * Opens an answer without end; the caller reads its body.
   * @throws ApiFailure
   */
  async open(path: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const response = await this.#fetch('GET', new URL(path, this.#base), signal)
    if (response.body === null) {
      throw new ApiFailure('gone', 'The server sent nothing.')
    }
    return response.body
  }

  async #askFor<T extends Envelope>(
    method: string,
    path: string,
    key: keyof T,
    parameters: Parameters,
  ): Promise<T> {
    const answer = await this.#ask<T>(method, path, parameters)
    if (!(key in answer)) {
      // As in SRS, paths that nobody has are answered by the list of all.
      throw new ApiFailure('missing', `The server has no ${path}.`)
    }
    return answer
  }

  async #ask<T extends Envelope>(method: string, path: string, parameters: Parameters): Promise<T> {
    const url = new URL(path, this.#base)
    for (const [name, value] of Object.entries(parameters)) {
      url.searchParams.set(name, String(value))
    }
    const response = await this.#fetch(method, url, AbortSignal.timeout(ANSWER_TIMEOUT_MS))
    const answer = await readEnvelope(response)
    if (answer.code !== 0) {
      const said = answer.message ?? `The server answers code ${answer.code}.`
      throw new ApiFailure('refused', said, answer.code)
    }
    return answer as T
  }

  async #fetch(method: string, url: URL, signal: AbortSignal): Promise<Response> {
    const authorization = this.#authorization()
    let response: Response
    try {
      response = await fetch(url, {
        method,
        signal,
        cache: 'no-store',
        // Without credentials of the browser's own, a 401 does not open its dialogue: the console has a form.
        credentials: 'omit',
        headers: authorization === null ? {} : { authorization },
      })
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error)
      throw new ApiFailure('gone', `The server does not answer (${said}).`)
    }
    if (response.ok) {
      return response
    }
    const text = await response.text().catch(() => '')
    throw failureOf(response.status, text)
  }
}

async function readEnvelope(response: Response): Promise<Envelope> {
  let answer: unknown
  try {
    answer = await response.json()
  } catch {
    throw new ApiFailure('gone', 'What answers is not the API of this server.')
  }
  if (
    typeof answer !== 'object' ||
    answer === null ||
    !('code' in answer) ||
    typeof answer.code !== 'number'
  ) {
    throw new ApiFailure('gone', 'What answers is not the API of this server.')
  }
  return { ...answer, code: answer.code }
}

function failureOf(status: number, text: string): ApiFailure {
  const said = messageIn(text) ?? `The server answers HTTP ${status}.`
  if (status === 401) {
    return new ApiFailure('unauthorised', said)
  }
  if (status === 403) {
    return new ApiFailure('forbidden', said)
  }
  if (status === 404) {
    return new ApiFailure('missing', said)
  }
  // A proxy whose server is away answers 502 to 504.
  return new ApiFailure(status >= 500 ? 'gone' : 'refused', said)
}

/** What an error's body says, be it JSON or text; null if it says nothing for people. */
function messageIn(text: string): string | null {
  try {
    const body: Partial<Envelope> | null = JSON.parse(text)
    return body?.message ?? null
  } catch {
    const line = text.trim()
    return line === '' || line.startsWith('<') ? null : line.slice(0, 300)
  }
}
