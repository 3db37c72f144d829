import type { ClientEvent } from './client-details.ts'
import { PORTS_SCHEMA } from './endpoints/ports.ts'
import { REFUSAL_SCHEMA } from './endpoints/refusals.ts'
import { STREAM_SCHEMA } from './endpoints/streams.ts'
import { type JsonSchema, listSchema, objectSchema, textSchema } from './json-schema.ts'

/** Of the type `ClientEvent`. */
const CLIENT_EVENT_SCHEMA: JsonSchema = objectSchema<ClientEvent>(
  {
    event: textSchema('What has happened.', ['publish', 'unpublish', 'play', 'stop']),
    client: textSchema('The id of the client, as in `/api/v1/clients/`.'),
    protocol: textSchema("How it came, e.g. 'rtmp' or 'hls'."),
    address: textSchema("Its address; 'local' for what runs in the server's process."),
    url: textSchema('Path of its stream.'),
  },
  { title: 'ClientEvent' },
)

/** What the data of the events of `/api/v1/events` is, by their names. */
export const EVENT_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  server: PORTS_SCHEMA,
  streams: listSchema(STREAM_SCHEMA, 'All streams.'),
  client: CLIENT_EVENT_SCHEMA,
  refusal: REFUSAL_SCHEMA,
}
