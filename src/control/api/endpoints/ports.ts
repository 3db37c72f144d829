import { data, type Endpoint } from '../endpoint.ts'
import { integerSchema, type JsonSchema, nullable, objectSchema } from '../json-schema.ts'

/** The ports of a server, as the `server` event has them; null for what is not listened for. */
export type ServerPorts = Readonly<{
  /** That of RTMP. */
  rtmp_port: number | null
  /** That of RTMPS. */
  rtmps_port: number | null
  /** That of the streams of HTTP (or HTTPS), if the API has another; null if streams are where the API is. */
  media_port: number | null
}>

/** Of the type `ServerPorts`. */
export const PORTS_SCHEMA: JsonSchema = objectSchema<ServerPorts>(
  {
    rtmp_port: nullable(integerSchema('That of RTMP; null if it is not listened for.')),
    rtmps_port: nullable(integerSchema('That of RTMPS; null if it is not listened for.')),
    media_port: nullable(integerSchema('That of streams by HTTP; null if they are where the API is.')),
  },
  { title: 'Ports' },
)

/**
 * `/api/v1/ports`: told to everybody, as anybody may find them by connecting. A page that may not list streams plays by them the one
 * whose name it has.
 * @param ports those for who came by HTTPS (`secure`) or by HTTP
 */
export function portsEndpoint(ports: (secure: boolean) => ServerPorts): Endpoint {
  return {
    method: 'GET',
    path: '/api/v1/ports',
    operation: 'getPorts',
    says: 'Where streams are published and played. Not in SRS; needs no password.',
    isPublic: true,
    answer: { kind: 'envelope', content: { data: PORTS_SCHEMA } },
    handle: ({ origin }) => data({ data: ports(origin.startsWith('https:')) }),
  }
}
