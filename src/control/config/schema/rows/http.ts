/** `http_server`: live streams, HLS and the page over HTTP. */
export const HTTP_SERVER = {
  kind: 'block',
  since: '1.0',
  says: 'FLV over HTTP and WebSocket, and HLS.',
  rows: {
    enabled: { kind: 'on-off', default: 'off', since: '1.0', says: 'Whether HTTP is listened for.' },
    listen: { kind: 'endpoints', default: '8080', since: '1.0', says: 'Where HTTP is listened for.' },
    dir: {
      kind: 'path',
      unset: 'none',
      since: '1.0',
      says: 'A folder of files that are served. SRS: ./objs/nginx/html.',
    },
    crossdomain: {
      kind: 'on-off',
      default: 'on',
      since: '2.0',
      says: 'Lets pages of other sites play (CORS).',
    },
    https: {
      kind: 'block',
      since: '4.0',
      says: 'The same within TLS.',
      rows: {
        enabled: { kind: 'on-off', default: 'off', since: '4.0', says: 'Whether HTTPS is listened for.' },
        listen: { kind: 'endpoints', default: '8088', since: '4.0', says: 'Where HTTPS is listened for.' },
        key: {
          kind: 'path',
          default: './conf/server.key',
          since: '4.0',
          says: 'PEM file: the private key of the certificate.',
        },
        cert: {
          kind: 'path',
          default: './conf/server.crt',
          since: '4.0',
          says: 'PEM file: the certificate, then intermediate ones.',
        },
      },
    },
  },
} as const

/** `http_api`: the API. */
export const HTTP_API = {
  kind: 'block',
  since: '1.0',
  says: 'The API, and the page with the list of streams.',
  rows: {
    enabled: {
      kind: 'on-off',
      default: 'off',
      since: '1.0',
      says: 'Whether there is an API.',
    },
    listen: {
      kind: 'endpoints',
      default: '127.0.0.1:1985',
      since: '1.0',
      says: 'Where it is listened for; what http_server.listen has, too, is shared. A port alone is on every address. SRS: 1985.',
    },
    crossdomain: {
      kind: 'on-off',
      default: 'on',
      since: '2.0',
      says: 'Lets pages of other sites ask (CORS).',
    },
    page: {
      kind: 'on-off',
      default: 'on',
      since: 'here',
      says: 'Serves the page with the list of streams and a player, and the console (`/console/`), where the API is.',
    },
    raw_api: {
      kind: 'block',
      since: '3.0',
      says: 'Changes of the configuration by the API.',
      rows: {
        enabled: {
          kind: 'on-off',
          to: 'apiAccess.rawApi.enabled',
          since: '3.0',
          says: 'Whether there are any.',
        },
        allow_reload: {
          kind: 'on-off',
          to: 'apiAccess.rawApi.allowReload',
          since: '3.0',
          says: 'Allows `rpc=reload` and `POST /api/v1/reload`.',
        },
        allow_query: {
          kind: 'on-off',
          default: 'off',
          since: '3.0',
          says: 'SRS gave this up.',
          answer: { notHere: 'today’s SRS does not have it either; `srs config` prints what is in force' },
        },
        allow_update: {
          kind: 'on-off',
          default: 'off',
          since: '3.0',
          says: 'SRS gave this up.',
          answer: { notHere: 'today’s SRS does not have it either; change the file and reload' },
        },
      },
    },
    auth: {
      kind: 'block',
      since: '5.0.152',
      says: 'A name and a password for the API.',
      rows: {
        enabled: { kind: 'on-off', default: 'off', since: '5.0.152', says: 'Whether they are asked for.' },
        username: {
          kind: 'text',
          default: '',
          to: 'apiAccess.auth.username',
          since: '5.0.152',
          says: 'The name.',
        },
        password: {
          kind: 'text',
          default: '',
          secret: 'value',
          to: 'apiAccess.auth.password',
          since: '5.0.152',
          says: 'The password.',
        },
      },
    },
    tokens: {
      kind: 'path',
      to: 'apiAccess.tokenFile',
      unset: 'none',
      since: 'here',
      says: 'A file of tokens that are taken in place of the password, one a line; `read` behind one lets it look only.',
    },
    trusted_origins: {
      kind: 'urls',
      to: 'apiAccess.trustedOrigins',
      unset: 'none',
      since: 'here',
      says: 'Pages of these origins may change something, too, e.g. https://console.example.com.',
    },
    call_rate_per_address: {
      kind: 'number',
      min: 0.001,
      to: 'apiAccess.callRatePerAddress',
      since: 'here',
      says: 'Calls a second of one address, in the long run.',
    },
    call_burst_per_address: {
      kind: 'integer',
      min: 1,
      to: 'apiAccess.callBurstPerAddress',
      since: 'here',
      says: 'Calls of one address that may come at once.',
    },
    failure_rate_per_address: {
      kind: 'number',
      min: 0.001,
      to: 'apiAccess.failureRatePerAddress',
      since: 'here',
      says: 'Calls a second of one address without the right password or token, in the long run.',
    },
    failure_burst_per_address: {
      kind: 'integer',
      min: 1,
      to: 'apiAccess.failureBurstPerAddress',
      since: 'here',
      says: 'The same at once; past it the address has to wait.',
    },
    https: {
      kind: 'block',
      since: '4.0',
      says: 'The API within TLS.',
      rows: {
        enabled: { kind: 'on-off', default: 'off', since: '4.0', says: 'Whether HTTPS is listened for.' },
        listen: {
          kind: 'endpoints',
          default: '127.0.0.1:1990',
          since: '4.0',
          says: 'Where HTTPS is listened for.',
        },
        key: {
          kind: 'path',
          default: './conf/server.key',
          since: '4.0',
          says: 'PEM file: the private key of the certificate.',
        },
        cert: {
          kind: 'path',
          default: './conf/server.crt',
          since: '4.0',
          says: 'PEM file: the certificate, then intermediate ones.',
        },
      },
    },
  },
} as const

/** `exporter`: numbers for Prometheus. */
export const EXPORTER = {
  kind: 'block',
  since: '5.0.67',
  says: 'Numbers for Prometheus.',
  rows: {
    enabled: { kind: 'on-off', default: 'off', since: '5.0.67', says: 'Whether there are any.' },
    listen: {
      kind: 'endpoints',
      default: '9972',
      since: '5.0.67',
      says: 'Where they are asked for, at `/metrics`; the API has them then, too.',
    },
    label: { kind: 'text', since: '5.0.67', says: 'A label of this server.', to: 'exporter.label' },
    tag: { kind: 'text', since: '5.0.67', says: 'Another one.', to: 'exporter.tag' },
    max_streams: {
      kind: 'integer',
      since: 'here',
      says: 'Streams that are told one by one, at most.',
      to: 'exporter.maxStreams',
    },
  },
} as const
