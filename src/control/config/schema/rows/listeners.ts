/** Outside of all blocks: where RTMP is listened for, and how. */
export const RTMP_LISTENER = {
  listen: {
    kind: 'endpoints',
    unset: 'RTMP is not listened for',
    since: '2014',
    says: 'Where RTMP is listened for.',
  },
  max_connections: {
    kind: 'integer',
    min: 1,
    to: 'rtmp.maxConnections',
    default: '10000',
    since: '2014',
    says: 'RTMP connections at once; more are closed as soon as they come. SRS: 1000.',
  },
  chunk_size: {
    kind: 'integer',
    min: 128,
    max: 65_536,
    to: 'rtmp.chunkSize',
    since: '2014',
    says: 'Bytes in an RTMP chunk of what is sent.',
  },
} as const

/** `rtmp`: limits of RTMP connections. */
export const RTMP = {
  kind: 'block',
  since: 'here',
  says: 'Limits of RTMP connections.',
  rows: {
    handshake_timeout: {
      kind: 'seconds',
      min: 0.1,
      to: 'rtmp.handshakeTimeoutMs',
      since: 'here',
      says: 'How long the handshake may take.',
    },
    setup_timeout: {
      kind: 'seconds',
      min: 0.1,
      to: 'rtmp.setupTimeoutMs',
      since: 'here',
      says: 'How long a client may take from there until it publishes or plays.',
    },
    ping_interval: {
      kind: 'seconds',
      to: 'rtmp.pingIntervalMs',
      since: 'here',
      says: 'How often a client to which and from which nothing goes is pinged; 0 never.',
    },
    ping_timeout: {
      kind: 'seconds',
      min: 0.1,
      to: 'rtmp.pingTimeoutMs',
      since: 'here',
      says: 'A client that leaves pings unanswered for so long, though it answered before, is disconnected.',
    },
    unannounced_codecs: {
      kind: 'on-off',
      to: 'rtmp.sendUnannouncedCodecs',
      since: 'here',
      says: 'Sends H.265, AV1 and the like to RTMP players that did not say that they can play them.',
    },
  },
} as const

/** `rtmps`: RTMP within TLS. */
export const RTMPS = {
  kind: 'block',
  since: 'here',
  says: 'RTMP within TLS.',
  rows: {
    enabled: { kind: 'on-off', default: 'off', since: 'here', says: 'Whether RTMPS is listened for.' },
    listen: { kind: 'endpoints', default: '443', since: 'here', says: 'Where RTMPS is listened for.' },
    key: {
      kind: 'path',
      default: './conf/server.key',
      since: 'here',
      says: 'PEM file: the private key of the certificate.',
    },
    cert: {
      kind: 'path',
      default: './conf/server.crt',
      since: 'here',
      says: 'PEM file: the certificate, then intermediate ones.',
    },
  },
} as const

/** `listener NAME...`: how addresses are listened on. */
export const LISTENER = {
  kind: 'block',
  names: { says: 'rtmp|rtmps|http|https|api|api_https...', min: 1, max: 6 },
  repeatable: true,
  since: 'here',
  says: 'How the addresses of these are listened on: of `listen`, `rtmps`, `http_server`, its `https`, `http_api`, its `https`.',
  rows: {
    backlog: {
      kind: 'integer',
      min: 1,
      max: 65_535,
      default: '511',
      since: 'here',
      says: 'Connections that the system keeps until they are accepted; more are refused.',
    },
    tls_handshake_timeout: {
      kind: 'seconds',
      min: 0.1,
      default: '10',
      since: 'here',
      says: 'How long a TLS handshake may take.',
    },
    unix_mode: {
      kind: 'permissions',
      default: '660',
      since: 'here',
      says: 'Who may connect to a Unix socket.',
    },
    proxy_protocol: {
      kind: 'block',
      since: 'here',
      says: 'Proxies stand in front and say who the client is (PROXY protocol); connections without that are closed.',
      rows: {
        enabled: { kind: 'on-off', default: 'off', since: 'here', says: 'Whether they do.' },
        trusted: {
          kind: 'networks',
          unset: 'whoever can connect',
          since: 'here',
          says: 'The proxies; anybody else is closed.',
        },
        kinds: {
          kind: 'words',
          words: ['v1', 'v2', 'srs'],
          default: 'v1 v2',
          since: 'here',
          says: 'What is taken: the versions of the PROXY protocol, and what the proxies of SRS send.',
        },
        header_timeout: {
          kind: 'seconds',
          min: 0.1,
          default: '5',
          since: 'here',
          says: 'How long a proxy may take to say it.',
        },
      },
    },
  },
} as const

/** `limits`: how much of the server one client, and all of them, may take. */
export const LIMITS = {
  kind: 'block',
  since: 'here',
  says: 'How much of the server all clients together, and each address, may take.',
  rows: {
    connections: {
      kind: 'integer',
      min: 1,
      to: 'limits.maxConnections',
      since: 'here',
      says: 'Connections at once, of all listeners together.',
    },
    connections_per_address: {
      kind: 'integer',
      min: 1,
      to: 'limits.maxConnectionsPerAddress',
      since: 'here',
      says: 'Connections at once from one address.',
    },
    connect_rate_per_address: {
      kind: 'number',
      min: 0.001,
      to: 'limits.connectRatePerAddress',
      since: 'here',
      says: 'New connections a second from one address, in the long run.',
    },
    connect_burst_per_address: {
      kind: 'integer',
      min: 1,
      to: 'limits.connectBurstPerAddress',
      since: 'here',
      says: 'New connections from one address that may come at once.',
    },
    trusted_addresses: {
      kind: 'networks',
      to: 'limits.trustedAddresses',
      since: 'here',
      says: 'Addresses to which the limits of an address do not apply, and whose X-Forwarded-For is believed: proxies.',
    },
    streams: {
      kind: 'integer',
      min: 1,
      to: 'streams.maxStreams',
      since: 'here',
      says: 'Streams at once.',
    },
  },
} as const
