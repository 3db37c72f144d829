import type { ApiAccess } from '../api-access.ts'
import { type ApiAnswer, type ApiCaller, bare, data, type Endpoint, failure } from '../endpoint.ts'
import {
  booleanSchema,
  integerSchema,
  type JsonSchema,
  listSchema,
  objectSchema,
  textSchema,
} from '../json-schema.ts'
import { NO_SOURCE, type ReloadControl, type ReloadOutcome, type ReloadState } from '../reload-control.ts'
import { SRS_CODES } from '../srs-codes.ts'

/** What the endpoints about the configuration need. */
export type ReloadEndpointsSetup = Readonly<{
  /** Reloads. */
  control: ReloadControl
  /** Says whether reloading is allowed. */
  access: Pick<ApiAccess, 'options'>
  /** Where the API is listened for, as a configuration says it, and whether other pages may read it. */
  listener: () => Readonly<{ listen: string; crossdomain: boolean }>
}>

type RawInfo = Readonly<{
  enabled: boolean
  listen: string
  crossdomain: boolean
  raw_api: Readonly<{ enabled: boolean; allow_reload: boolean; allow_query: boolean; allow_update: boolean }>
}>

const RAW_SCHEMA: JsonSchema = objectSchema<{ code: number; http_api: RawInfo; data: ReloadState }>(
  {
    code: integerSchema('0.'),
    http_api: objectSchema<RawInfo>({
      enabled: booleanSchema('Always true.'),
      listen: textSchema('Where the API is listened for.'),
      crossdomain: booleanSchema('Whether pages of other sites may read it.'),
      raw_api: objectSchema<RawInfo['raw_api']>({
        enabled: booleanSchema('Whether the configuration can be reloaded at all.'),
        allow_reload: booleanSchema('Whether it can be reloaded by `rpc=reload`.'),
        allow_query: booleanSchema('Always false; SRS gave this up.'),
        allow_update: booleanSchema('Always false; SRS gave this up.'),
      }),
    }),
    data: objectSchema<ReloadState>({
      err: integerSchema('0, or 1023 if the newest reload failed.'),
      msg: textSchema('What happened.'),
      state: integerSchema('0 there was none yet, 10 the configuration is being read, 90 it is over.'),
      rid: textSchema('Which reload.'),
    }),
  },
  { optional: ['http_api', 'data'] },
)

const CHANGES: JsonSchema = listSchema(
  objectSchema<{ setting: string; before: unknown; after: unknown; effect: string }>({
    setting: textSchema("Which, e.g. 'hls.windowMs'."),
    before: { description: 'Its value so far; null if there was none.' },
    after: { description: 'Its value from now on; null if there is none.' },
    effect: textSchema("For whom it counts, e.g. 'at once'."),
  }),
  'Settings that have another value than before.',
)

/** Of the type `ReloadPlan`. */
export const RELOAD_PLAN_SCHEMA: JsonSchema = objectSchema<{
  steps: unknown
  cut: unknown
  atNextStart: unknown
}>(
  {
    steps: listSchema(
      objectSchema<{ component: string; action: string; changes: unknown }>({
        component: textSchema('A part of the server.'),
        action: textSchema('What becomes of it.', ['keep', 'update', 'restart', 'add', 'remove']),
        changes: CHANGES,
      }),
      'Every part.',
    ),
    cut: listSchema(
      objectSchema<{ client: unknown; role: string; stream: string; reason: string }>({
        client: { type: 'object', description: 'Who.' },
        role: textSchema('What it does.', ['publisher', 'player']),
        stream: textSchema('Its stream.'),
        reason: textSchema('Why.'),
      }),
      'Clients that are disconnected; nobody else is.',
    ),
    atNextStart: CHANGES,
  },
  { title: 'ReloadPlan' },
)

const FAILURES = {
  [SRS_CODES.configInvalid]: 'the configuration has faults; nothing was changed',
  [SRS_CODES.rawDisabled]: 'reloading is not allowed',
}

/** `/api/v1/raw` as SRS has it, and `/api/v1/reload`, which says what it does. */
export function reloadEndpoints(setup: ReloadEndpointsSetup): Endpoint[] {
  const { control, access } = setup
  const denial = ({ isDoor }: ApiCaller): ApiAnswer | null => {
    const { enabled, allowReload } = access.options.rawApi
    if (!isDoor && !(enabled && allowReload)) {
      return failure(
        SRS_CODES.rawDisabled,
        'reloading by the API is switched off: set http_api.raw_api.enabled and allow_reload',
      )
    }
    return control.source === null ? failure(SRS_CODES.rawDisabled, NO_SOURCE) : null
  }
  const plan = {
    path: '/api/v1/reload',
    answer: { kind: 'envelope', content: { data: RELOAD_PLAN_SCHEMA } },
    failures: FAILURES,
  } as const
  return [
    {
      ...plan,
      method: 'GET',
      operation: 'planReload',
      says: 'What it would do to read the configuration again now; nothing is changed.',
      listed: 'what reloading the configuration would do (GET), or reload it (POST)',
      handle: async (_request, caller) =>
        denial(caller) ?? answerOf((await control.source?.plan()) ?? { faults: NO_SOURCE }),
    },
    {
      ...plan,
      method: 'POST',
      operation: 'reload',
      says: 'Reads the configuration again, and says what was done. What can fail fails before anything changes.',
      changes: true,
      handle: async (_request, caller) => denial(caller) ?? answerOf(await control.reload()),
    },
    rawEndpoint(setup, denial),
  ]
}

function rawEndpoint(
  { control, access, listener }: ReloadEndpointsSetup,
  denial: (caller: ApiCaller) => ApiAnswer | null,
): Endpoint {
  return {
    method: 'any',
    path: '/api/v1/raw',
    operation: 'raw',
    says: 'As SRS has it: `rpc=raw` says what is allowed, `rpc=reload` begins to reload the configuration, `rpc=reload-fetch` says how far that is.',
    listed: 'raw api for srs, support CUID srs for instance the config',
    parameters: [
      {
        name: 'rpc',
        in: 'query',
        says: 'What to do.',
        schema: textSchema('raw, reload or reload-fetch.', ['raw', 'reload', 'reload-fetch']),
      },
    ],
    answer: { kind: 'json', schema: RAW_SCHEMA },
    failures: {
      [SRS_CODES.rawUnknown]: 'no such `rpc`',
      [SRS_CODES.rawDisabled]: 'not allowed',
    },
    changes: ({ parameters }) => parameters.get('rpc') === 'reload',
    handle: ({ parameters }, caller) => {
      const { enabled, allowReload } = access.options.rawApi
      const rpc = parameters.get('rpc')
      if (rpc === 'raw') {
        const raw_api = { enabled, allow_reload: allowReload, allow_query: false, allow_update: false }
        return bare({ code: 0, http_api: { enabled: true, ...listener(), raw_api } })
      }
      if (!enabled && !caller.isDoor) {
        return failure(SRS_CODES.rawDisabled, 'set http_api.raw_api.enabled to allow this')
      }
      switch (rpc) {
        case 'reload': {
          const denied = denial(caller)
          if (denied === null) {
            void control.reload()
          }
          return denied ?? bare({ code: 0 })
        }
        case 'reload-fetch':
          return bare({ code: 0, data: control.state })
        default:
          return failure(SRS_CODES.rawUnknown, "'rpc' is to be raw, reload or reload-fetch")
      }
    },
  }
}

function answerOf(outcome: ReloadOutcome): ApiAnswer {
  return 'plan' in outcome ? data({ data: outcome.plan }) : failure(SRS_CODES.configInvalid, outcome.faults)
}
