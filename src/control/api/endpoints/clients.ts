import { type ClientDirectory, ClientList, type ClientSequence } from '../../../live/index.ts'
import { type ClientDetails, describeClient } from '../client-details.ts'
import { ClientWriter } from '../client-writer.ts'
import { type ApiAnswer, data, type Endpoint, failure, ID_PARAMETER, list } from '../endpoint.ts'
import {
  booleanSchema,
  floatSchema,
  integerSchema,
  type JsonSchema,
  listSchema,
  objectSchema,
  textSchema,
} from '../json-schema.ts'
import { PAGE_PARAMETERS, pageOf } from '../paging.ts'
import { SRS_CODES } from '../srs-codes.ts'
import type { StreamIds } from '../stream-ids.ts'
import { KBPS_SCHEMA } from './streams.ts'

/** Of the type `ClientDetails`. */
export const CLIENT_SCHEMA: JsonSchema = objectSchema<ClientDetails>(
  {
    id: textSchema('Unique in this process; the same id stands in the log.'),
    vhost: textSchema('The id of its virtual host.'),
    stream: textSchema('The id of its stream.'),
    ip: textSchema("Its address; 'local' for what runs in the server's process."),
    pageUrl: textSchema('The page that embeds it; empty if it said none.'),
    swfUrl: textSchema('The Flash program that it is, or says to be; empty if it said none.'),
    tcUrl: textSchema('What it connected to, without its secrets.'),
    url: textSchema('Path of its stream.'),
    name: textSchema("Last part of the stream's path; of players by HTTP with its extension."),
    type: textSchema("What it does and how, e.g. 'rtmp-play', 'fmle-publish' or 'hls-play'."),
    publish: booleanSchema('Whether it publishes.'),
    alive: floatSchema('For how long it is there, s.'),
    send_bytes: integerSchema('Bytes handed to it.'),
    recv_bytes: integerSchema('Bytes that came from it.'),
    kbps: KBPS_SCHEMA,
    protocol: textSchema("How it came, e.g. 'rtmp' or 'ws-flv'."),
    lag_ms: integerSchema('Media that a player is behind the newest frame, ms.'),
    skips: integerSchema('How often a player was too far behind and skipped to the newest keyframe.'),
  },
  { title: 'Client' },
)

/** What the clients' endpoints need. */
export type ClientEndpointsSetup = Readonly<{
  /** The clients. */
  clients: ClientDirectory
  /** Knows the ids of streams and virtual hosts. */
  ids: StreamIds
}>

const NOT_FOUND = { [SRS_CODES.clientNotFound]: 'there is no such client' }

const NOBODY: ClientSequence = new ClientList()

/** `/api/v1/clients/`: who publishes and plays, and how to disconnect somebody. */
export function clientEndpoints({ clients, ids }: ClientEndpointsSetup): Endpoint[] {
  const writer = new ClientWriter(clients, ids)
  const asked = (streamId: string | null): ClientSequence => {
    if (streamId === null) {
      return clients.active
    }
    for (const [key, active] of clients.activeByStream) {
      if (ids.ofStream({ key }) === streamId) {
        return active
      }
    }
    return NOBODY
  }
  const kick = (id: string): ApiAnswer => (clients.kick(id, 'kicked by the API') ? data({}) : notFound(id))
  return [
    {
      method: 'GET',
      path: '/api/v1/clients/',
      operation: 'listClients',
      says: 'Who publishes and plays, oldest first.',
      listed: 'manage all clients or specified client, default query top 10 clients',
      parameters: [
        ...PAGE_PARAMETERS,
        {
          name: 'stream',
          in: 'query',
          says: 'Only those of the stream with this id, as `stream` in the answer. Not in SRS. Default: all.',
          schema: { type: 'string' },
        },
      ],
      answer: {
        kind: 'envelope',
        content: {
          clients: listSchema(CLIENT_SCHEMA, 'Those asked for.'),
          total: integerSchema('How many there are, of the stream if one is named. Not in SRS.'),
        },
      },
      handle: ({ parameters }) => {
        const active = asked(parameters.get('stream'))
        writer.keep()
        return list('clients', pageOf(active, parameters), active.length, (json, client) =>
          writer.write(json, client),
        )
      },
    },
    {
      method: 'DELETE',
      path: '/api/v1/clients/',
      operation: 'kickNobody',
      says: 'As in SRS, says that a client must be named.',
      answer: { kind: 'envelope', content: {} },
      failures: NOT_FOUND,
      changes: true,
      handle: () => failure(SRS_CODES.clientNotFound, 'name a client: DELETE /api/v1/clients/{id}'),
    },
    {
      method: 'GET',
      path: '/api/v1/clients/{id}',
      operation: 'getClient',
      says: 'One client.',
      parameters: [{ ...ID_PARAMETER, says: 'The id of a client.' }],
      answer: { kind: 'envelope', content: { client: CLIENT_SCHEMA } },
      failures: NOT_FOUND,
      handle: ({ pathParameters: { id = '' } }) => {
        const client = clients.get(id)
        return client === undefined ? notFound(id) : data({ client: describeClient(client, ids) })
      },
    },
    {
      method: 'DELETE',
      path: '/api/v1/clients/{id}',
      operation: 'kickClient',
      says: 'Disconnects a client. Nothing keeps it from coming back.',
      parameters: [{ ...ID_PARAMETER, says: 'The id of a client.' }],
      answer: { kind: 'envelope', content: {} },
      failures: NOT_FOUND,
      changes: true,
      handle: ({ pathParameters: { id = '' } }) => kick(id),
    },
  ]
}

function notFound(id: string): ApiAnswer {
  return failure(SRS_CODES.clientNotFound, `there is no client '${id.slice(0, 64)}': it may have left`)
}
