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
      default: '1985',
      since: '1.0',
      says: 'Where it is listened for; what http_server.listen has, too, is shared.',
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
      says: 'Serves the page with the list of streams and a player, where the API is.',
    },
    raw_api: {
      kind: 'block',
      since: '3.0',
      says: 'Changes of the configuration by the API.',
      answer: { later: 'reload by the API' },
      rows: {
        enabled: { kind: 'on-off', default: 'off', since: '3.0', says: 'Whether there are any.' },
        allow_reload: { kind: 'on-off', default: 'off', since: '3.0', says: 'Allows `rpc=reload`.' },
        allow_query: { kind: 'on-off', default: 'off', since: '3.0', says: 'SRS gave this up.' },
        allow_update: { kind: 'on-off', default: 'off', since: '3.0', says: 'SRS gave this up.' },
      },
    },
    auth: {
      kind: 'block',
      since: '5.0.152',
      says: 'A name and a password for the API.',
      answer: { later: 'a password for the API' },
      rows: {
        enabled: { kind: 'on-off', default: 'off', since: '5.0.152', says: 'Whether they are asked for.' },
        username: { kind: 'text', default: '', since: '5.0.152', says: 'The name.' },
        password: { kind: 'text', default: '', since: '5.0.152', says: 'The password.' },
      },
    },
    https: {
      kind: 'block',
      since: '4.0',
      says: 'The API within TLS.',
      rows: {
        enabled: { kind: 'on-off', default: 'off', since: '4.0', says: 'Whether HTTPS is listened for.' },
        listen: { kind: 'endpoints', default: '1990', since: '4.0', says: 'Where HTTPS is listened for.' },
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
  answer: { later: 'metrics' },
  rows: {
    enabled: { kind: 'on-off', default: 'off', since: '5.0.67', says: 'Whether there are any.' },
    listen: { kind: 'endpoints', default: '9972', since: '5.0.67', says: 'Where they are asked for.' },
    label: { kind: 'text', default: '', since: '5.0.67', says: 'A label of this server.' },
    tag: { kind: 'text', default: '', since: '5.0.67', says: 'Another one.' },
  },
} as const
