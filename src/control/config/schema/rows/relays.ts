/** `vhost.cluster`: edges and origins. */
export const CLUSTER = {
  kind: 'block',
  since: '3.0',
  says: 'Where streams come from that nobody publishes here. In 2014 these directives stood in the vhost itself.',
  rows: {
    mode: {
      kind: 'word',
      words: ['local', 'remote'],
      to: 'edge.mode',
      since: '0.9.78',
      says: 'local: streams are published here; remote: an edge, they are fetched from `origin`, and published there.',
    },
    origin: {
      kind: 'hosts',
      to: 'edge.origins',
      unset: 'none',
      since: '0.9.78',
      says: 'Servers that have the streams; the port, if none is written, is that of `protocol`.',
    },
    origin_choice: {
      kind: 'word',
      words: ['in-order', 'by-stream'],
      to: 'edge.choice',
      since: 'here',
      says: 'in-order: the first origin that is well is asked, the others stand by; by-stream: each stream has an order of its own.',
    },
    token_traverse: {
      kind: 'on-off',
      to: 'edge.tokenTraverse',
      since: '0.9.130',
      says: "Lets the origin decide, by the client's own arguments, who may play.",
    },
    vhost: {
      kind: 'text',
      to: 'edge.vhost',
      since: '2.0',
      says: 'The vhost at the origin; `[vhost]` is the one here.',
    },
    debug_srs_upnode: {
      kind: 'on-off',
      to: 'edge.tellWhoAsks',
      since: '0.9.201',
      says: 'Tells the origin who asks.',
    },
    protocol: {
      kind: 'word',
      words: ['rtmp', 'rtmps', 'flv', 'flvs'],
      to: 'edge.protocol',
      since: '5.0',
      says: 'How streams are fetched: RTMP, or FLV over HTTP, each with or without TLS. SRS has no rtmps.',
    },
    follow_client: {
      kind: 'on-off',
      to: 'edge.followClient',
      since: '5.0',
      says: "Fetches a stream by its first viewer's protocol, FLV or RTMP, if `origin` has no port.",
    },
    idle_timeout: {
      kind: 'seconds',
      to: 'edge.idleMs',
      since: 'here',
      says: 'How long a stream that nobody watches is still fetched.',
    },
    connect_timeout: {
      kind: 'seconds',
      min: 0.001,
      to: 'edge.connectTimeoutMs',
      since: 'here',
      says: 'Time for the connection to an origin, and for its handshake.',
    },
    silence_timeout: {
      kind: 'seconds',
      min: 0.001,
      to: 'edge.silenceTimeoutMs',
      since: 'here',
      says: 'An origin from which nothing comes for so long is left for another.',
    },
    origin_cluster: {
      kind: 'on-off',
      to: 'originCluster.enabled',
      since: '3.0.29',
      says: 'Sends RTMP players on to the origin that has the stream (RTMP 302); if none has, they are refused.',
    },
    coworkers: {
      kind: 'hosts',
      to: 'originCluster.coworkers',
      unset: 'none',
      since: '3.0.29',
      says: 'The APIs of the other origins, which are asked for it.',
    },
  },
} as const

/** `vhost.forward`: streams are published to other servers. */
export const FORWARD = {
  kind: 'block',
  since: '2014',
  says: 'Publishes each stream to other servers, too. 2014: `forward` with servers behind it.',
  rows: {
    enabled: { kind: 'on-off', default: 'off', since: '3.0', says: 'Whether streams are forwarded.' },
    destination: {
      kind: 'destinations',
      secret: 'path',
      to: 'forward.destinations',
      unset: 'none',
      since: '3.0',
      says: 'The servers, which get each stream under its own name; or whole addresses, e.g. of a public platform with the stream key. `[vhost]`, `[app]` and `[stream]` are those of the stream.',
    },
    backend: {
      kind: 'url',
      to: 'forward.backend',
      unset: 'none',
      since: '5.0.24',
      says: 'A URL that is asked for the servers of each stream that is published, in place of `destination`. If it fails, the publisher is refused.',
    },
    tls_verify: {
      kind: 'on-off',
      to: 'forward.verifyCertificate',
      since: 'here',
      says: 'Sends to rtmps only where the certificate is good.',
    },
  },
} as const

/** `vhost.bandcheck`: measures a client's bandwidth. */
export const BANDCHECK = {
  kind: 'block',
  since: '2014',
  says: "Measured the bandwidth of the Flash client of 2014. Today's SRS reads it, and does nothing.",
  answer: { later: 'bandwidth checks' },
  rows: {
    enabled: {
      kind: 'on-off',
      default: 'off',
      since: '2014',
      says: 'Makes each connection to the vhost a measurement.',
    },
    key: { kind: 'text', default: '', secret: 'value', since: '2014', says: 'What a client must know.' },
    interval: {
      kind: 'seconds',
      default: '30',
      since: '2014',
      says: 'The least time between two measurements.',
    },
    interval_ms: {
      kind: 'milliseconds',
      unset: 'that of interval',
      since: '2014 only',
      says: 'The same; SRS 0.9.9 read this name in place of the documented one.',
    },
    limit_kbps: {
      kind: 'integer',
      min: 1,
      default: '1000',
      since: '2014',
      says: 'How fast a measurement may be, in kbit/s.',
    },
  },
} as const
