import type { RelayStatus } from '../../../live/index.ts'
import { data, type Endpoint } from '../endpoint.ts'
import {
  integerSchema,
  type JsonSchema,
  listSchema,
  nullable,
  objectSchema,
  textSchema,
} from '../json-schema.ts'

/** A stream on its way to or from another server, as the API shows it. */
export type RelayInfo = Readonly<{
  /** Unique in this process; stands in the log. */
  id: string
  /** `forward`: published to another server, too; `pull`: played there for viewers here; `push`: published here, and handed on. */
  kind: RelayStatus['kind']
  /** The stream here, e.g. 'live/demo'. */
  stream: string
  /** The stream there, without secrets. */
  address: string
  /** What it does. */
  state: RelayStatus['state']
  /** Since when, ms since the Unix epoch. */
  since_ms: number
  /** Connections that failed or were lost. */
  failures: number
  /** How often it went on at another server than before. */
  failovers: number
  /** What was wrong the last time; null if nothing ever was. */
  last_error: string | null
  /** Bytes sent or received. */
  bytes: number
  /** Frames sent; 0 of a pull. */
  frames: number
  /** How far the other server is behind in taking what is sent, ms. */
  lag_ms: number
  /** How often it skipped to the newest keyframe because of that. */
  skips: number
}>

/** Of the type `RelayInfo`. */
export const RELAY_SCHEMA: JsonSchema = objectSchema<RelayInfo>(
  {
    id: textSchema('Unique in this process; stands in the log.'),
    kind: textSchema(
      'forward: published to another server, too; pull: fetched from an origin; push: handed on to one.',
      ['forward', 'pull', 'push'],
    ),
    stream: textSchema("The stream here, e.g. 'live/demo'."),
    address: textSchema('The stream there, without secrets.'),
    state: textSchema('What it does; waiting: it failed, and is tried again.', [
      'connecting',
      'running',
      'waiting',
      'closed',
    ]),
    since_ms: integerSchema('Since when, ms since the Unix epoch.'),
    failures: integerSchema('Connections that failed or were lost.'),
    failovers: integerSchema('How often it went on at another server than before; 0 of a forward.'),
    last_error: nullable(textSchema('What was wrong the last time.')),
    bytes: integerSchema('Bytes sent or received.'),
    frames: integerSchema('Frames sent; 0 of a pull.'),
    lag_ms: integerSchema('How far the other server is behind in taking what is sent, ms.'),
    skips: integerSchema('How often it skipped to the newest keyframe because of that.'),
  },
  { title: 'Relay' },
)

/** `/api/v1/relays/`, which SRS has not: streams on their way to and from other servers. */
export function relayEndpoints(relays: () => readonly RelayStatus[]): Endpoint[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/relays/',
      operation: 'listRelays',
      says: 'Streams on their way to and from other servers, over connections that this server opens: forward and edge.',
      listed: 'the streams on their way to and from other servers',
      answer: { kind: 'envelope', content: { relays: listSchema(RELAY_SCHEMA, 'Oldest first.') } },
      handle: () => data({ relays: relays().map(infoOf) }),
    },
  ]
}

function infoOf(status: RelayStatus): RelayInfo {
  const {
    id,
    kind,
    stream,
    address,
    state,
    since,
    failures,
    failovers,
    lastError,
    bytes,
    frames,
    lagMs,
    skips,
  } = status
  return {
    id,
    kind,
    stream,
    address,
    state,
    since_ms: Math.round(since),
    failures,
    failovers,
    last_error: lastError,
    bytes,
    frames,
    lag_ms: Math.round(lagMs),
    skips,
  }
}
