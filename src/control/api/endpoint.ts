import { nextTurn, type SlicedText } from '../../base/index.ts'
import type { HttpReply, HttpRequest } from '../../http/index.ts'
import type { JsonSchema } from './json-schema.ts'

/** Entries that are written at once. */
const SHORT_LIST = 20

/** How an endpoint is asked; 'any' for all alike, as SRS, which looks at the method of few. */
export type EndpointMethod = 'GET' | 'POST' | 'PUT' | 'DELETE' | 'any'

/** What may stand in the query of an endpoint, or in its path. */
export type EndpointParameter = Readonly<{
  /** Its name; in the path as in its braces. */
  name: string
  /** Where it stands. */
  in: 'query' | 'path'
  /** What it says, with its default. */
  says: string
  /** What it may be. */
  schema: JsonSchema
}>

/** What an endpoint's answer looks like when all is well. */
export type AnswerShape =
  | Readonly<{
      /** JSON with `code`, `server`, `service` and `pid`. */
      kind: 'envelope'
      /** What stands behind them. */
      content: Readonly<Record<string, JsonSchema>>
      /** Keys of `content` that may be missing. Default: none. */
      optional?: readonly string[]
      /** What some get in place of it, by its type: who, and what. Default: none. */
      also?: Readonly<Record<string, string>>
    }>
  | Readonly<{
      /** JSON without them. */
      kind: 'json'
      /** All of it. */
      schema: JsonSchema
      /** See `envelope`. */
      also?: Readonly<Record<string, string>>
    }>
  | Readonly<{
      /** Server-Sent Events (WHATWG HTML, 9.2), without end. */
      kind: 'events'
      /** What the data of each is, by the event's name. */
      events: Readonly<Record<string, JsonSchema>>
      /** Which come when: a sentence. */
      says: string
    }>
  | Readonly<{
      /** Something else, e.g. metrics. */
      kind: 'text'
      /** Its type. */
      contentType: string
      /** What is in it: a sentence. */
      says: string
    }>
  | Readonly<{
      /** Another address. */
      kind: 'redirect'
      /** Of HTTP. */
      status: 301 | 302
      /** Which: a sentence. */
      says: string
    }>

/** A list that may be long; made by `list`. */
export type ListAnswer = Readonly<{
  kind: 'list'
  /** The key of the list. */
  name: string
  /** Writes its entries, with commas between them; resolves when all are. */
  write: (json: SlicedText) => Promise<void>
  /** How many entries there are, also those that were not asked for. */
  total: number
}>

/** What an endpoint answers; made by `data`, `list`, `bare`, `failure`, `text`, `redirect` and `takeOver`. */
export type ApiAnswer =
  | Readonly<{ kind: 'data'; content: object }>
  | ListAnswer
  | Readonly<{ kind: 'bare'; body: object }>
  | Readonly<{ kind: 'failure'; code: number; message: string; status: number }>
  | Readonly<{
      kind: 'text'
      /** Of HTTP. */
      status: number
      /** Its type. */
      contentType: string
      /** All of it. */
      body: string | SlicedText
      /** Headers beside those of every answer. */
      headers: Readonly<Record<string, string>>
    }>
  | Readonly<{ kind: 'redirect'; status: 301 | 302; location: string }>
  | Readonly<{ kind: 'take-over'; answer: (reply: HttpReply) => void }>

/**
 * One endpoint of the API: a row of the table from which the routes, the list at `/api/v1/` and the OpenAPI document are made, so
 * that none can be there undocumented.
 */
export type Endpoint = Readonly<{
  /** How it is asked. */
  method: EndpointMethod
  /**
   * Its path, e.g. '/api/v1/clients/{id}'. One that ends in a slash is redirected to from the path without it, as in SRS.
   */
  path: string
  /** Its name in OpenAPI (operationId), e.g. 'listStreams'; no two are alike. */
  operation: string
  /** What it is for: a sentence. */
  says: string
  /** What `/api/v1/` says of it; left out: it is not listed there. */
  listed?: string
  /** What may stand in the query and the path. */
  parameters?: readonly EndpointParameter[]
  /** The answer when all is well. */
  answer: AnswerShape
  /** The values of `code` when it is not, and when that is. */
  failures?: Readonly<Record<number, string>>
  /** Whether a request changes something; then pages of other sites may not send it. Default false. */
  changes?: boolean | ((request: HttpRequest) => boolean)
  /** Whether it is answered without a name and password though the API has one. Default false. */
  isPublic?: boolean
  /** Whether it answers every path below its own that no other endpoint has, as in SRS. Default false. */
  takesPathsBelow?: boolean
  /** Answers. What it throws is logged, and answered 500. */
  handle(request: HttpRequest, caller: ApiCaller): ApiAnswer | Promise<ApiAnswer>
}>

/** Who asks, as far as that makes a difference. */
export type ApiCaller = Readonly<{
  /** It came through a door that only the user who runs the server can open, and may do everything. */
  isDoor: boolean
}>

/** All is well: JSON with `code` 0, the server, and this behind it. */
export function data(content: object): ApiAnswer {
  return { kind: 'data', content }
}

/**
 * The same with a list that may be long, and `total`: it is made in slices (`SlicedText`), so that media need not wait for thousands of
 * entries.
 * @param name the key of the list
 * @param entries what is in it
 * @param total how many entries there are, also those that were not asked for
 * @param write writes an entry as JSON, in one of the turns of the event loop that follow
 */
export function list<T>(
  name: string,
  entries: readonly T[],
  total: number,
  write: (json: SlicedText, entry: T) => void,
): ApiAnswer {
  return { kind: 'list', name, write: (json) => writeEntries(json, entries, write), total }
}

/** Writes entries as JSON with commas between them, in slices. @param write writes one, in one of the turns that follow */
export async function writeEntries<T>(
  json: SlicedText,
  entries: readonly T[],
  write: (json: SlicedText, entry: T) => void,
): Promise<void> {
  if (entries.length > SHORT_LIST) {
    // Who asks for many pages asks for them at once: not the first slice of each is to be made where the requests come in.
    await nextTurn()
  }
  let separator = ''
  for (const entry of entries) {
    write(json.write(separator), entry)
    separator = ','
    if (json.isSliceFull) {
      await json.nextSlice()
    }
  }
}

/** JSON that is all of it, where SRS does not say which server it is. */
export function bare(body: object): ApiAnswer {
  return { kind: 'bare', body }
}

/**
 * It is not: `{"code":N,"message":"..."}`, of which SRS has the code.
 * @param code one of `SRS_CODES`
 * @param message what was wrong, and what to do
 * @param status of HTTP: 200 unless SRS, too, answers another
 */
export function failure(code: number, message: string, status = 200): ApiAnswer {
  return { kind: 'failure', code, message, status }
}

/** Plain text, unless it is said to be of another type. */
export function text(
  status: number,
  body: string | SlicedText,
  contentType = 'text/plain; charset=utf-8',
  headers: Readonly<Record<string, string>> = {},
): ApiAnswer {
  return { kind: 'text', status, contentType, body, headers }
}

/** Another address. */
export function redirect(status: 301 | 302, location: string): ApiAnswer {
  return { kind: 'redirect', status, location }
}

/** The endpoint answers by itself: a stream of events, or a file. */
export function takeOver(answer: (reply: HttpReply) => void): ApiAnswer {
  return { kind: 'take-over', answer }
}

/** The part of the path that `{id}` stands for. */
export const ID_PARAMETER: Pick<EndpointParameter, 'name' | 'in' | 'schema'> = {
  name: 'id',
  in: 'path',
  schema: { type: 'string' },
}
