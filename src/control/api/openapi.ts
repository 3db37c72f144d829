import { VERSION } from '../../base/index.ts'
import type { AnswerShape, Endpoint, EndpointParameter } from './endpoint.ts'
import { integerSchema, type JsonSchema, listSchema, objectSchema, textSchema } from './json-schema.ts'

/** An OpenAPI 3.1 document. */
export type OpenApiDocument = Readonly<{
  /** The version of OpenAPI. */
  openapi: string
  /** What is described. */
  info: object
  /** How to say who one is. */
  security: readonly object[]
  /** Operations by path and method. */
  paths: Readonly<Record<string, Readonly<Record<string, object>>>>
  /** Schemas that are referred to by their titles, and the like. */
  components: Readonly<{
    schemas: Readonly<Record<string, JsonSchema>>
    parameters: object
    securitySchemes: object
  }>
}>

/** What stands before the content of most answers. */
const ENVELOPE: Readonly<Record<string, JsonSchema>> = {
  code: integerSchema('0: all is well.'),
  server: textSchema('Which server this is.'),
  service: textSchema('New with every start of the server.'),
  pid: textSchema('The number of its process.'),
}

const TEXT = 'text/plain; charset=utf-8'

/** What every query may have: JSON, also that of a refusal, is given to scripts of pages so. */
const JSONP_PARAMETERS: readonly EndpointParameter[] = [
  {
    name: 'callback',
    in: 'query',
    says: 'JSONP: the name of a function. The answer is a script that calls it with the JSON.',
    schema: { type: 'string' },
  },
  {
    name: 'method',
    in: 'query',
    says: 'With `callback`: the method that the request stands for, as a script can be asked for by GET only.',
    schema: { type: 'string' },
  },
]

const JSONP_REFERENCES = JSONP_PARAMETERS.map(({ name }) => ({ $ref: `#/components/parameters/${name}` }))

const FAILURE: JsonSchema = objectSchema<{ code: number; message: string }>(
  {
    code: integerSchema('What is wrong, as SRS counts it.'),
    message: textSchema('What is wrong and what to do, for people. Not in SRS.'),
  },
  { title: 'Failure' },
)

/** Describes the endpoints of a table: OpenAPI 3.1 of the very rows that answer. */
export function describeApi(table: readonly Endpoint[]): OpenApiDocument {
  const schemas = new Map<string, JsonSchema>()
  const paths: Record<string, Record<string, object>> = {}
  for (const endpoint of table) {
    const operations = paths[endpoint.path] ?? {}
    paths[endpoint.path] = operations
    operations[endpoint.method === 'any' ? 'get' : endpoint.method.toLowerCase()] = describeOperation(
      endpoint,
      schemas,
    )
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'SRS HTTP API',
      version: VERSION,
      description:
        'The HTTP API of SRS as this server answers it. Errors, too, are answered with HTTP status 200: `code` is not 0 then. A path that ends in a slash is redirected to (302) from the one without it. A method that a path has not is answered 405, in plain text; `Allow` has those there are. What is no proper request is answered 400, 408, 417 or 431, whatever its path.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    security: [{}, { password: [] }, { token: [] }],
    paths,
    components: {
      schemas: Object.fromEntries(schemas),
      parameters: Object.fromEntries(JSONP_PARAMETERS.map((each) => [each.name, describeParameter(each)])),
      securitySchemes: {
        password: { type: 'http', scheme: 'basic', description: 'http_api.auth' },
        token: { type: 'http', scheme: 'bearer', description: 'http_api.tokens' },
      },
    },
  }
}

/** The schema of an endpoint's JSON when all is well; null if it answers something else. */
export function answerSchemaOf(answer: AnswerShape): JsonSchema | null {
  switch (answer.kind) {
    case 'envelope': {
      const properties = { ...ENVELOPE, ...answer.content }
      const optional = new Set(answer.optional)
      return {
        type: 'object',
        properties,
        required: Object.keys(properties).filter((key) => !optional.has(key)),
      }
    }
    case 'json':
      return answer.schema
    default:
      return null
  }
}

function describeOperation(endpoint: Endpoint, schemas: Map<string, JsonSchema>): object {
  const { method, operation, says, isPublic, changes, failures = {} } = endpoint
  const parameters = [...(endpoint.parameters ?? []).map(describeParameter), ...JSONP_REFERENCES]
  const notes = [
    says,
    ...(method === 'any' ? ['As in SRS, other methods are answered alike.'] : []),
    ...Object.entries(failures).map(([code, when]) => `\`code\` ${code}: ${when}.`),
  ]
  return {
    operationId: operation,
    summary: says,
    description: notes.join('\n\n'),
    parameters,
    ...(isPublic === true ? { security: [{}] } : {}),
    responses: {
      ...describeAnswer(endpoint, schemas),
      '400': textResponse('A part of the query can not be used; it says which.'),
      ...(isPublic === true
        ? {}
        : {
            '401': textResponse('A password or a token is wanted.'),
            '403': jsonResponse(
              changes === undefined || changes === false
                ? 'Not for pages of other sites.'
                : 'Not for this token, or not for pages of other sites.',
              FAILURE,
              schemas,
            ),
          }),
      ...(method === 'GET' || method === 'any' ? {} : { '413': textResponse('The body is too long.') }),
      '429': jsonResponse('Too many calls.', FAILURE, schemas),
    },
  }
}

function describeParameter({ name, in: place, says, schema }: EndpointParameter): object {
  return { name, in: place, description: says, required: place === 'path', schema }
}

function describeAnswer({ answer, failures }: Endpoint, schemas: Map<string, JsonSchema>): object {
  switch (answer.kind) {
    case 'text': {
      const failed = failures === undefined ? {} : jsonContent(FAILURE, schemas)
      return { '200': { description: answer.says, content: { [answer.contentType]: {}, ...failed } } }
    }
    case 'events': {
      const content = { 'text/event-stream': { schema: hoist(eventsSchema(answer.events), schemas) } }
      return { '200': { description: answer.says, content }, '503': textResponse('Too many listen.') }
    }
    case 'redirect':
      return { [answer.status]: { description: answer.says } }
    default: {
      const schema = answerSchemaOf(answer) ?? {}
      const either = failures === undefined ? schema : { anyOf: [schema, FAILURE] }
      const { also = {} } = answer
      const others = Object.keys(also).map((type) => [type, {}] as const)
      const content = { ...jsonContent(either, schemas), ...Object.fromEntries(others) }
      return { '200': { description: ['The answer.', ...Object.values(also)].join(' '), content } }
    }
  }
}

function jsonResponse(description: string, schema: JsonSchema, schemas: Map<string, JsonSchema>): object {
  return { description, content: jsonContent(schema, schemas) }
}

function jsonContent(schema: JsonSchema, schemas: Map<string, JsonSchema>): object {
  return { 'application/json': { schema: hoist(schema, schemas) }, 'text/javascript': {} }
}

function textResponse(description: string): object {
  return { description, content: { [TEXT]: {} } }
}

/** Events as a list of what stands in their fields, as OpenAPI 3.2 sees a stream of them; 3.1 says nothing of it. */
function eventsSchema(events: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const each = Object.entries(events).map(([name, data]) =>
    objectSchema<{ event: string; data: unknown; id: string }>(
      {
        event: textSchema('Its name.', [name]),
        data,
        id: textSchema('Of those that can be asked for again, by `Last-Event-ID`.'),
      },
      { optional: ['id'] },
    ),
  )
  return listSchema({ anyOf: each }, 'The events; `data` is JSON.')
}

/** The same schema with references in place of what has a title, which is put among the components. */
function hoist(schema: JsonSchema, schemas: Map<string, JsonSchema>): JsonSchema {
  const { title, properties, items, anyOf, additionalProperties } = schema
  const inner: JsonSchema = {
    ...schema,
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([key, each]) => [key, hoist(each, schemas)]),
          ),
        }),
    ...(items === undefined ? {} : { items: hoist(items, schemas) }),
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map((each) => hoist(each, schemas)) }),
    ...(additionalProperties === undefined
      ? {}
      : { additionalProperties: hoist(additionalProperties, schemas) }),
  }
  if (title === undefined) {
    return inner
  }
  schemas.set(title, inner)
  return { $ref: `#/components/schemas/${title}` }
}
