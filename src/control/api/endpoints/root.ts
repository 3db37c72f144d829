import { data, type Endpoint, takeOver } from '../endpoint.ts'
import { mapSchema, objectSchema, textSchema } from '../json-schema.ts'

/** The names that SRS lists at `/api/v1/`, in its order; two of them it has no endpoint for, in the usual builds. */
const SRS_ORDER: readonly string[] = [
  'versions',
  'summaries',
  'rusages',
  'self_proc_stats',
  'system_proc_stats',
  'meminfos',
  'authors',
  'features',
  'requests',
  'vhosts',
  'streams',
  'clients',
  'raw',
  'clusters',
  'perf',
  'tcmalloc',
]

/** What SRS lists without having it, as it says it. */
const LISTED_ONLY: Readonly<Record<string, string>> = {
  perf: 'System performance stat',
  tcmalloc: 'tcmalloc api with params ?page=summary|api',
}

const VERSION_PATH = '/api/v1/'

type RootInfo = Readonly<{
  api: string
  rtc: Readonly<{ v1: Readonly<{ play: string; publish: string; nack: string }> }>
}>

/**
 * `/` of a listener that has the API alone: what SRS answers there, though nothing of WebRTC is here. A browser gets the page.
 * @param hasPage whether there is one
 */
export function rootEndpoint(hasPage: () => boolean): Endpoint {
  return {
    method: 'any',
    path: '/',
    operation: 'getRoot',
    says: 'Where the API begins; a browser gets the page. Only where the API has a port of its own.',
    answer: {
      kind: 'envelope',
      content: {
        urls: objectSchema<RootInfo>({
          api: textSchema('What is below `/api/`.'),
          rtc: objectSchema<RootInfo['rtc']>({
            v1: objectSchema<RootInfo['rtc']['v1']>({
              play: textSchema('As in SRS; there is no such endpoint here.'),
              publish: textSchema('As in SRS; there is no such endpoint here.'),
              nack: textSchema('As in SRS; there is no such endpoint here.'),
            }),
          }),
        }),
      },
      also: { 'text/html; charset=utf-8': 'A browser gets the page.' },
    },
    isPublic: true,
    handle: ({ headers }) =>
      hasPage() && headers.accept?.includes('text/html') === true
        ? takeOver((reply) => reply.missing('there is no page here'))
        : data({
            urls: {
              api: 'the api root',
              rtc: { v1: { play: 'Play stream', publish: 'Publish stream', nack: 'Simulate the NACK' } },
            } satisfies RootInfo,
          }),
  }
}

/** `/api/` and `/api/v1/`: what there is. Like those of SRS, they answer every path below them that nobody has. */
export function listEndpoints(table: () => readonly Endpoint[]): Endpoint[] {
  return [
    {
      method: 'any',
      path: '/api/',
      operation: 'listVersions',
      says: 'The versions of the API.',
      answer: {
        kind: 'envelope',
        content: { urls: objectSchema<{ v1: string }>({ v1: textSchema('The first.') }) },
      },
      takesPathsBelow: true,
      handle: () => data({ urls: { v1: 'the api version 1.0' } }),
    },
    {
      method: 'any',
      path: VERSION_PATH,
      operation: 'listEndpoints',
      says: 'The endpoints, by their names, and what they are for.',
      answer: {
        kind: 'envelope',
        content: {
          urls: mapSchema(textSchema('What it is for.'), 'Endpoints.'),
          tests: mapSchema(textSchema('What it is for.'), 'Endpoints to try a client with.'),
        },
      },
      takesPathsBelow: true,
      handle: () => data(listing(table())),
    },
  ]
}

/** What `/api/v1/` says of a table: the names of SRS in its order, then ours. */
export function listing(table: readonly Endpoint[]): Readonly<{ urls: object; tests: object }> {
  const said = new Map(Object.entries(LISTED_ONLY))
  for (const { path, listed } of table) {
    if (listed !== undefined) {
      said.set(path.slice(VERSION_PATH.length).replace(/\/$/, ''), listed)
    }
  }
  const names = [
    ...SRS_ORDER.filter((name) => said.has(name)),
    ...[...said.keys()].filter((name) => !SRS_ORDER.includes(name)),
  ]
  return {
    urls: Object.fromEntries(names.map((name) => [name, said.get(name)])),
    tests: {
      requests: 'show the request info',
      errors: 'always return an error 100',
      redirects: 'always redirect to /api/v1/test/errors',
      '[vhost]': 'http vhost for http://error.srs.com:1985/api/v1/tests/errors',
    },
  }
}
