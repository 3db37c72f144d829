import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Json } from './json-shape.ts'
import { type Answer, ask } from './web.ts'

type Operation = Readonly<{
  responses: Readonly<Record<string, Readonly<{ content?: Readonly<Record<string, object>> }>>>
}>

type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>

/** Holds answers of the API against its OpenAPI document: what that does not name, they must not have. */
export class ApiContract {
  readonly #paths: Paths
  readonly #ajv = new Ajv2020({ strict: false })

  /** @param document as `/api/v1/openapi.json` has it */
  constructor(document: Readonly<Record<string, Json>>) {
    this.#paths = document.paths as unknown as Paths
    this.#ajv.addSchema(closed(document) as object, 'api')
  }

  /** Paths, as they are written, for which a GET may be answered with JSON. */
  get pathsOfJson(): string[] {
    return Object.keys(this.#paths).filter((path) =>
      this.#typesOf('get', path, 200).includes('application/json'),
    )
  }

  /**
   * Asks, and gives what is answered.
   * @param operation method and path as the document writes them, e.g. 'delete /api/v1/clients/{id}'
   * @throws Error if the answer is not as the document describes it
   */
  async ask(operation: string, url: string, init: RequestInit = {}): Promise<Answer> {
    const [method = ''] = operation.split(' ')
    const answer = await ask(url, { ...init, method: method.toUpperCase() })
    const faults = this.faultsOf(operation, answer)
    if (faults.length > 0) {
      throw new Error(`${faults.join('\n')}\n${answer.body}`)
    }
    return answer
  }

  /**
   * Asks for JSON.
   * @throws Error if it is not as the document describes it, or comes with another status than 200
   */
  async askData(operation: string, url: string): Promise<Record<string, Json>> {
    const { status, body } = await this.ask(operation, url)
    if (status !== 200) {
      throw new Error(`${operation} is answered ${status}: ${body}`)
    }
    return JSON.parse(body ?? '')
  }

  /**
   * What is wrong with an answer: its status is not in the document, its type is not, or what is in it is not as described.
   * @returns one line for each fault; none if all is well
   */
  faultsOf(operation: string, { status, headers, body }: Answer): string[] {
    const [method = '', path = ''] = operation.split(' ')
    const types = this.#typesOf(method, path, status)
    const type = headers.get('content-type') ?? ''
    if (!types.includes(type)) {
      return [`${operation}: ${status} ${type} is not described, but ${types.join() || 'nothing'}`]
    }
    return type === 'application/json'
      ? this.dataFaultsOf(operation, status, type, JSON.parse(body ?? ''))
      : []
  }

  /** What is wrong with data of an answer of that type. */
  dataFaultsOf(operation: string, status: number, type: string, data: Json): string[] {
    const [method = '', path = ''] = operation.split(' ')
    const place = ['paths', path, method, 'responses', status, 'content', type, 'schema']
    const pointer = place.map((part) => encodeURIComponent(`${part}`.replaceAll('/', '~1'))).join('/')
    const validate = this.#ajv.getSchema(`api#/${pointer}`)
    if (validate === undefined) {
      return [`${operation}: ${status} ${type} has no schema`]
    }
    return validate(data) === true
      ? []
      : (validate.errors ?? []).map(
          ({ instancePath, message, params }) =>
            `${operation}: ${instancePath} ${message} ${JSON.stringify(params)}`,
        )
  }

  #typesOf(method: string, path: string, status: number): string[] {
    return Object.keys(this.#paths[path]?.[method]?.responses[status]?.content ?? {})
  }
}

/** The same document, with nothing allowed in objects but what it names. */
function closed(value: Json): Json {
  if (Array.isArray(value)) {
    return value.map(closed)
  }
  if (typeof value !== 'object' || value === null) {
    return value
  }
  const entries = Object.entries(value).map(([key, each]) => [key, closed(each)] as const)
  const isPlainObject =
    'type' in value && value.type === 'object' && 'properties' in value && !('additionalProperties' in value)
  return { ...Object.fromEntries(entries), ...(isPlainObject ? { additionalProperties: false } : {}) }
}
