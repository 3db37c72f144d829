import type { RefusalInfo, Refusals } from '../../access/index.ts'
import { data, type Endpoint } from '../endpoint.ts'
import {
  integerSchema,
  type JsonSchema,
  listSchema,
  mapSchema,
  nullable,
  objectSchema,
  textSchema,
} from '../json-schema.ts'

/** Of the type `RefusalInfo`. */
export const REFUSAL_SCHEMA: JsonSchema = objectSchema<RefusalInfo>(
  {
    at_ms: integerSchema('When, ms since the Unix epoch.'),
    action: textSchema("What it wanted: 'publish' or 'play'."),
    protocol: textSchema("How it came, e.g. 'rtmp' or 'hls'."),
    address: textSchema('Its IP address.'),
    client: textSchema('Its id, as in the log.'),
    vhost: textSchema('The virtual host it asked for.'),
    app: textSchema('Application of the stream.'),
    stream: textSchema("Last part of the stream's path."),
    page_url: textSchema('The page that embeds it; empty if it said none.'),
    link: textSchema("Which check refused it, e.g. 'refer', 'security' or 'token'."),
    code: textSchema("Why, for programs, e.g. 'token_expired'."),
    srs_code: nullable(integerSchema('The number that SRS has for it.')),
    reason: textSchema('Why, for people.'),
  },
  { title: 'Refusal' },
)

/** `/api/v1/refusals/`, which SRS has not: who was not let in, and why. */
export function refusalEndpoints(refusals: Refusals): Endpoint[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/refusals/',
      operation: 'listRefusals',
      says: 'The newest clients that were not let in, newest first, and how many there were by code.',
      listed: 'the clients that were not let in, and why',
      answer: {
        kind: 'envelope',
        content: {
          total: integerSchema('All since the start.'),
          counts: mapSchema(integerSchema('How many.'), 'All since the start, by code.'),
          refusals: listSchema(REFUSAL_SCHEMA, 'The newest, newest first.'),
        },
      },
      handle: () => {
        const { newest, total, counts } = refusals
        return data({ total, counts, refusals: newest })
      },
    },
  ]
}
