import type { Stream, StreamRegistry } from '../../../live/index.ts'
import { data, type Endpoint, failure, ID_PARAMETER, list } from '../endpoint.ts'
import { HEALTH_SCHEMA } from '../health-info.ts'
import {
  booleanSchema,
  integerSchema,
  type JsonSchema,
  listSchema,
  nullable,
  objectSchema,
  textSchema,
} from '../json-schema.ts'
import { PAGE_PARAMETERS, pageOf } from '../paging.ts'
import { SRS_CODES } from '../srs-codes.ts'
import {
  type AudioInfo,
  describeStream,
  type StreamDescription,
  type StreamInfo,
  type VideoInfo,
} from '../stream-info.ts'
import type { StreamWriter } from '../stream-writer.ts'

const RFC6381 = textSchema('The codec by RFC 6381; empty if unknown.')

/** Averages over the last 30 s. */
export const KBPS_SCHEMA: JsonSchema = objectSchema<StreamInfo['kbps']>({
  recv_30s: integerSchema('Received, kbit/s on average over 30 s.'),
  send_30s: integerSchema('Sent, kbit/s on average over 30 s.'),
})

/** Of the type `StreamInfo`. */
export const STREAM_SCHEMA: JsonSchema = objectSchema<StreamInfo>(
  {
    id: textSchema('Unique in this process.'),
    name: textSchema("Last part of the stream's path."),
    vhost: textSchema('The id of its virtual host.'),
    app: textSchema('Application: the path before the name.'),
    tcUrl: textSchema("The publisher's, without its secrets; empty without one."),
    url: textSchema('Path of its play URLs, without extension; a virtual host of its own stands before it.'),
    live_ms: integerSchema("The server's clock, ms since the Unix epoch; not the stream's age."),
    clients: integerSchema('Publisher and players.'),
    frames: integerSchema('Video frames.'),
    send_bytes: integerSchema('Bytes handed to players, and to servers it is forwarded to.'),
    recv_bytes: integerSchema('Bytes taken from publishers, or from an origin.'),
    kbps: KBPS_SCHEMA,
    publish: objectSchema<StreamInfo['publish']>(
      {
        active: booleanSchema('Whether somebody publishes.'),
        cid: textSchema("The publisher's id among the clients; missing without one."),
      },
      { optional: ['cid'] },
    ),
    video: nullable(
      objectSchema<VideoInfo>(
        {
          codec: textSchema("e.g. 'H264'."),
          profile: textSchema("e.g. 'High'; empty if unknown."),
          level: textSchema("e.g. '3.1'; empty if unknown."),
          width: integerSchema('Pixels; 0 if unknown.'),
          height: integerSchema('Pixels; 0 if unknown.'),
          rfc6381: RFC6381,
        },
        { title: 'Video' },
      ),
    ),
    audio: nullable(
      objectSchema<AudioInfo>(
        {
          codec: textSchema("e.g. 'AAC'."),
          sample_rate: integerSchema('Hz; 0 if unknown.'),
          channel: integerSchema('Channels; 0 if unknown.'),
          profile: textSchema("e.g. 'LC'; empty if unknown."),
          rfc6381: RFC6381,
        },
        { title: 'Audio' },
      ),
    ),
    health: nullable(HEALTH_SCHEMA),
  },
  { title: 'Stream' },
)

/** What the streams' endpoints need. */
export type StreamEndpointsSetup = StreamDescription &
  Readonly<{
    /** The streams. */
    registry: StreamRegistry
    /** Writes them. */
    writer: StreamWriter
  }>

/** Streams that were published, with or without a publisher at the moment, oldest first. */
export function publishedStreams({ streams }: StreamRegistry): Stream[] {
  return streams.filter(({ counters }) => counters.publications > 0)
}

/** `/api/v1/streams/`. */
export function streamEndpoints(setup: StreamEndpointsSetup): Endpoint[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/streams/',
      operation: 'listStreams',
      says: 'The streams that are published, or were a moment ago; oldest first.',
      listed: 'manage all streams or specified stream',
      parameters: PAGE_PARAMETERS,
      answer: {
        kind: 'envelope',
        content: {
          streams: listSchema(STREAM_SCHEMA, 'Those asked for.'),
          total: integerSchema('How many there are. Not in SRS.'),
        },
      },
      handle: ({ parameters }) => {
        const published = publishedStreams(setup.registry)
        return list('streams', pageOf(published, parameters), published.length, (json, stream) =>
          setup.writer.write(json, stream),
        )
      },
    },
    {
      method: 'GET',
      path: '/api/v1/streams/{id}',
      operation: 'getStream',
      says: 'One stream.',
      parameters: [{ ...ID_PARAMETER, says: 'The id of a stream.' }],
      answer: { kind: 'envelope', content: { stream: STREAM_SCHEMA } },
      failures: { [SRS_CODES.streamNotFound]: 'there is no such stream' },
      handle: ({ pathParameters: { id = '' } }) => {
        const stream = publishedStreams(setup.registry).find((each) => setup.ids.ofStream(each) === id)
        return stream === undefined
          ? failure(SRS_CODES.streamNotFound, `there is no stream '${id.slice(0, 64)}': it may be over`)
          : data({ stream: describeStream(stream, setup) })
      },
    },
  ]
}
