/** Endpoints that SRS has not. */
const OURS = ['reload', 'refusals', 'relays', 'programs', 'events', 'openapi.json']

/** What we say and SRS does not: by recorded answer and place in it, behind what SRS says. There is nothing else. */
export const ADDED: Readonly<Record<string, readonly string[]>> = {
  'v1.urls': OURS,
  'nosuch.urls': OURS,
  'requests.urls': OURS,
  requests: ['data'],
  streams: ['total'],
  'streams.streams[]': ['health'],
  'streams.streams[].video': ['rfc6381'],
  'streams.streams[].audio': ['rfc6381'],
  'summaries.data.self': ['event_loop'],
  clients: ['total'],
  'clients.clients[]': ['protocol', 'lag_ms', 'skips'],
  clients_nosuch: ['message'],
  clients_one_after_delete: ['message'],
}

/** What SRS was asked, by the name of its recorded answer in test/fixtures/api. */
export const ASKED: Readonly<Record<string, string>> = {
  root: '/',
  api: '/api/',
  v1: '/api/v1/',
  nosuch: '/api/v1/nosuch',
  versions: '/api/v1/versions',
  authors: '/api/v1/authors',
  features: '/api/v1/features',
  requests: '/api/v1/requests',
  vhosts: '/api/v1/vhosts/',
  streams: '/api/v1/streams/',
  clients: '/api/v1/clients/',
  clients_nosuch: '/api/v1/clients/nosuch',
  summaries: '/api/v1/summaries',
  rusages: '/api/v1/rusages',
  self_proc_stats: '/api/v1/self_proc_stats',
  system_proc_stats: '/api/v1/system_proc_stats',
  meminfos: '/api/v1/meminfos',
  raw_rpc_raw: '/api/v1/raw?rpc=raw',
}
