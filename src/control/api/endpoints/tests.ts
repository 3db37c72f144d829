import { SERVER_NAME, VERSION } from '../../../base/index.ts'
import type { HttpRequest } from '../../../http/index.ts'
import { bare, data, type Endpoint, redirect } from '../endpoint.ts'
import { integerSchema, type JsonSchema, mapSchema, objectSchema, textSchema } from '../json-schema.ts'
import { SRS_CODES } from '../srs-codes.ts'
import { listing } from './root.ts'

type RequestInfo = Readonly<{
  uri: string
  path: string
  METHOD: string
  headers: Readonly<{ sigature: string; version: string; link: string; time: number }>
}>

const REQUEST_SCHEMA: JsonSchema = objectSchema<RequestInfo>({
  uri: textSchema('Its URL.'),
  path: textSchema('The path of that.'),
  METHOD: textSchema('Its method.'),
  // The key and the spelling are those of SRS, which overwrites the headers of the request with this.
  headers: objectSchema<RequestInfo['headers']>({
    sigature: textSchema('The name of this server.'),
    version: textSchema('Its version.'),
    link: textSchema('Where it is from.'),
    time: integerSchema('Its clock, ms since the Unix epoch.'),
  }),
})

/**
 * Endpoints to try a client with. `/api/v1/requests` answers in SRS as `/api/v1/` does, though it is listed there; here it tells of
 * the request behind that, as `/api/v1/tests/requests` does in both.
 */
export function testEndpoints(table: () => readonly Endpoint[], wallTime: () => number): Endpoint[] {
  const requestInfo = ({ url, origin, path, method }: HttpRequest): RequestInfo => ({
    uri: `${origin}${url}`,
    path: `/${path}`,
    METHOD: method,
    headers: { sigature: SERVER_NAME, version: VERSION, link: 'simple-rtmp-server', time: wallTime() },
  })
  return [
    {
      method: 'any',
      path: '/api/v1/requests',
      operation: 'listEndpointsAndRequest',
      says: 'As `/api/v1/`, and the request itself.',
      listed: 'the request itself, for http debug',
      answer: {
        kind: 'envelope',
        content: {
          urls: mapSchema(textSchema('What it is for.'), 'Endpoints.'),
          tests: mapSchema(textSchema('What it is for.'), 'Endpoints to try a client with.'),
          data: REQUEST_SCHEMA,
        },
      },
      handle: (request) => data({ ...listing(table()), data: requestInfo(request) }),
    },
    {
      method: 'any',
      path: '/api/v1/tests/requests',
      operation: 'getRequest',
      says: 'The request itself, to try a client with.',
      answer: { kind: 'envelope', content: { data: REQUEST_SCHEMA } },
      handle: (request) => data({ data: requestInfo(request) }),
    },
    {
      method: 'any',
      path: '/api/v1/tests/errors',
      operation: 'getError',
      says: 'Always an error, to try a client with.',
      answer: {
        kind: 'json',
        schema: objectSchema<{ code: number }>({ code: integerSchema('Always 100.') }),
      },
      handle: () => bare({ code: SRS_CODES.test }),
    },
    {
      method: 'any',
      path: '/api/v1/tests/redirects',
      operation: 'getRedirect',
      says: 'Always another address, to try a client with.',
      answer: { kind: 'redirect', status: 301, says: 'To `/api/v1/tests/errors`.' },
      handle: () => redirect(301, '/api/v1/tests/errors'),
    },
  ]
}
