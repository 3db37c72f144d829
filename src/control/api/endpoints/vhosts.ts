import type { ClientDirectory, StreamRegistry, Vhosts } from '../../../live/index.ts'
import type { ResolvedVhost } from '../../settings/index.ts'
import { data, type Endpoint, failure, ID_PARAMETER } from '../endpoint.ts'
import { Float } from '../float.ts'
import {
  booleanSchema,
  floatSchema,
  integerSchema,
  type JsonSchema,
  listSchema,
  objectSchema,
  textSchema,
} from '../json-schema.ts'
import { SRS_CODES } from '../srs-codes.ts'
import type { StreamIds } from '../stream-ids.ts'
import type { StreamInfo } from '../stream-info.ts'
import type { TrafficStatistics } from '../traffic-statistics.ts'
import { KBPS_SCHEMA, publishedStreams } from './streams.ts'

/** One virtual host of `GET /api/v1/vhosts/`: names and types of SRS. */
export type VhostInfo = Readonly<{
  /** The same as long as this process runs. */
  id: string
  /** Its name; `__defaultVhost__` for the default one. */
  name: string
  /** False refuses everybody. */
  enabled: boolean
  /** Who publishes and plays there. */
  clients: number
  /** Streams that are published, or were a moment ago. */
  streams: number
  /** Bytes handed to players since the server started. */
  send_bytes: number
  /** Bytes taken from publishers since the server started. */
  recv_bytes: number
  /** Averages of the last 30 s, kbit/s. */
  kbps: StreamInfo['kbps']
  /** Whether there is HLS, and how long its segments are, s. */
  hls: Readonly<{ enabled: boolean; fragment?: Float }>
}>

const VHOST_SCHEMA: JsonSchema = objectSchema<VhostInfo>(
  {
    id: textSchema('The same as long as the server runs.'),
    name: textSchema('Its name; `__defaultVhost__` for the default one.'),
    enabled: booleanSchema('False refuses everybody.'),
    clients: integerSchema('Who publishes and plays there.'),
    streams: integerSchema('Streams that are published, or were a moment ago.'),
    send_bytes: integerSchema('Bytes handed to players since the server started.'),
    recv_bytes: integerSchema('Bytes taken from publishers since the server started.'),
    kbps: KBPS_SCHEMA,
    hls: objectSchema<VhostInfo['hls']>(
      {
        enabled: booleanSchema('Whether there is HLS.'),
        fragment: floatSchema('How long segments are, s; missing without HLS.'),
      },
      { optional: ['fragment'] },
    ),
  },
  { title: 'Vhost' },
)

/** What the virtual hosts' endpoints need. */
export type VhostEndpointsSetup = Readonly<{
  /** The virtual hosts, as of now. */
  vhosts: Vhosts<ResolvedVhost>
  /** Their streams. */
  registry: StreamRegistry
  /** Their clients. */
  clients: ClientDirectory
  /** Their ids. */
  ids: StreamIds
  /** Their bytes. */
  traffic: TrafficStatistics
}>

/** `/api/v1/vhosts/`. */
export function vhostEndpoints(setup: VhostEndpointsSetup): Endpoint[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/vhosts/',
      operation: 'listVhosts',
      says: 'The virtual hosts, in the order of the settings.',
      listed: 'manage all vhosts or specified vhost',
      answer: { kind: 'envelope', content: { vhosts: listSchema(VHOST_SCHEMA, 'All of them.') } },
      handle: () => data({ vhosts: describeVhosts(setup.vhosts.all, setup) }),
    },
    {
      method: 'GET',
      path: '/api/v1/vhosts/{id}',
      operation: 'getVhost',
      says: 'One virtual host.',
      parameters: [{ ...ID_PARAMETER, says: 'The id of a virtual host.' }],
      answer: { kind: 'envelope', content: { vhost: VHOST_SCHEMA } },
      failures: { [SRS_CODES.vhostNotFound]: 'there is no such virtual host' },
      handle: ({ pathParameters: { id = '' } }) => {
        const found = setup.vhosts.all.filter(({ name }) => setup.ids.ofVhost(name) === id)
        const [vhost] = describeVhosts(found, setup)
        return vhost === undefined
          ? failure(SRS_CODES.vhostNotFound, `there is no virtual host '${id.slice(0, 64)}'`)
          : data({ vhost })
      },
    },
  ]
}

function describeVhosts(vhosts: readonly ResolvedVhost[], setup: VhostEndpointsSetup): VhostInfo[] {
  const { registry, clients, ids, traffic } = setup
  const clientCounts = new Map<string, number>()
  for (const { first, length } of clients.activeByStream.values()) {
    count(clientCounts, first?.request.name.vhost ?? '', length)
  }
  const streamCounts = new Map<string, number>()
  for (const { name } of publishedStreams(registry)) {
    count(streamCounts, name.vhost, 1)
  }
  return vhosts.map(({ name, enabled, hls }) => {
    const { bytesSent, bytesReceived } = traffic.totalsOf(name)
    const { receivedKbps, sentKbps } = traffic.ratesOfVhost(name)
    return {
      id: ids.ofVhost(name),
      name,
      enabled,
      clients: clientCounts.get(name) ?? 0,
      streams: streamCounts.get(name) ?? 0,
      send_bytes: bytesSent,
      recv_bytes: bytesReceived,
      kbps: { recv_30s: receivedKbps, send_30s: sentKbps },
      hls: hls === null ? { enabled: false } : { enabled: true, fragment: new Float(hls.fragmentMs / 1000) },
    }
  })
}

function count(counts: Map<string, number>, key: string, more: number): void {
  counts.set(key, (counts.get(key) ?? 0) + more)
}
