import { type StreamRegistry, streamKey } from '../../../live/index.ts'
import { bare, type Endpoint, type EndpointParameter } from '../endpoint.ts'
import {
  integerSchema,
  type JsonSchema,
  listSchema,
  nullable,
  objectSchema,
  textSchema,
} from '../json-schema.ts'

type ClusterInfo = Readonly<{
  query: Readonly<{ ip: string; vhost: string; app: string; stream: string }>
  origin: Readonly<{
    ip: string
    port: number
    vhost: string
    api: string
    routers: readonly string[]
  }> | null
}>

/** What the origin cluster's endpoint needs. */
export type ClusterEndpointsSetup = Readonly<{
  /** The streams. */
  registry: StreamRegistry
  /** The port of RTMP; null if that is not listened for. */
  rtmpPort: () => number | null
}>

const ANSWER: JsonSchema = objectSchema<{ code: number; data: ClusterInfo }>({
  code: integerSchema('0.'),
  data: objectSchema<ClusterInfo>({
    query: objectSchema<ClusterInfo['query']>({
      ip: textSchema('As asked.'),
      vhost: textSchema('As asked.'),
      app: textSchema('As asked.'),
      stream: textSchema('As asked.'),
    }),
    origin: nullable(
      objectSchema<NonNullable<ClusterInfo['origin']>>({
        ip: textSchema('This server, as the asker calls it.'),
        port: integerSchema('Its port of RTMP.'),
        vhost: textSchema('As asked.'),
        api: textSchema('Its API, as the asker calls it.'),
        routers: listSchema(textSchema('A server.'), 'Always empty.'),
      }),
    ),
  }),
})

/** `/api/v1/clusters`: other origins of a cluster of SRS ask whether a stream is published here. */
export function clusterEndpoints({ registry, rtmpPort }: ClusterEndpointsSetup): Endpoint[] {
  const parameter = (name: string, says: string): EndpointParameter => ({
    name,
    in: 'query',
    says,
    schema: { type: 'string' },
  })
  return [
    {
      method: 'any',
      path: '/api/v1/clusters',
      operation: 'findOrigin',
      says: 'Whether a stream is published here, for the other servers of an origin cluster.',
      listed: 'origin cluster server API',
      parameters: [
        parameter('vhost', 'Its virtual host.'),
        parameter('app', 'Its application.'),
        parameter('stream', 'Its name.'),
        parameter('ip', 'The asker.'),
        parameter('coworker', 'How the asker calls this server: `host` or `host:port` of its API.'),
      ],
      answer: { kind: 'json', schema: ANSWER },
      handle: ({ parameters }) => {
        const asked = (name: string): string => parameters.get(name) ?? ''
        const query = { ip: asked('ip'), vhost: asked('vhost'), app: asked('app'), stream: asked('stream') }
        const { app, stream } = query
        const vhost = registry.vhosts.nameFor(query.vhost)
        const key = streamKey({ vhost, app, stream })
        const isHere = registry.streams.some((each) => each.key === key && each.publication !== null)
        const coworker = asked('coworker')
        const port = rtmpPort()
        const origin =
          isHere && port !== null
            ? { ip: hostOf(coworker), port, vhost: query.vhost, api: coworker, routers: [] }
            : null
        return bare({ code: 0, data: { query, origin } satisfies ClusterInfo })
      },
    },
  ]
}

/** Of 'host:port' and '[IPv6]:port' the host. */
function hostOf(text: string): string {
  return /^\[(.*)\]/.exec(text)?.[1] ?? text.replace(/:\d+$/, '')
}
