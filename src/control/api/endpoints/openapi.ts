import { bare, type Endpoint } from '../endpoint.ts'
import { describeApi } from '../openapi.ts'

/** `/api/v1/openapi.json`: the table itself, for programs that make clients of it. */
export function openApiEndpoint(table: () => readonly Endpoint[]): Endpoint {
  return {
    method: 'GET',
    path: '/api/v1/openapi.json',
    operation: 'describe',
    says: 'This API as an OpenAPI 3.1 document.',
    listed: 'this API as an OpenAPI document',
    answer: { kind: 'json', schema: { type: 'object', description: 'OpenAPI 3.1.' } },
    handle: () => bare(describeApi(table())),
  }
}
