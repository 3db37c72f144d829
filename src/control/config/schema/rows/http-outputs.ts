/** `vhost.http_remux`: live streams over HTTP and WebSocket. */
export const HTTP_REMUX = {
  kind: 'block',
  since: '2.0',
  says: 'Live streams over HTTP and WebSocket.',
  rows: {
    enabled: {
      kind: 'on-off',
      default: 'off',
      since: '2.0',
      says: 'Whether streams can be watched as FLV over HTTP and WebSocket.',
    },
    mount: {
      kind: 'path',
      default: '[vhost]/[app]/[stream].flv',
      since: '2.0',
      says: 'The address of a stream; its ending is the format: .flv, .ts, .aac or .mp3.',
      answer: { later: 'TS, AAC and MP3 over HTTP' },
    },
    fast_cache: {
      kind: 'seconds',
      default: '0',
      since: '2.0',
      says: 'How much of an audio stream a player of MP3 or AAC gets at once.',
      answer: { later: 'TS, AAC and MP3 over HTTP' },
    },
    drop_if_not_match: {
      kind: 'on-off',
      default: 'on',
      since: '5.0',
      says: 'Leaves out what `has_audio` and `has_video` deny.',
      answer: {
        later: 'FLV of audio or video alone',
      },
    },
    has_audio: {
      kind: 'on-off',
      default: 'on',
      since: '5.0',
      says: 'Whether the FLV header announces audio.',
      answer: { notHere: 'the FLV header says what the stream has' },
    },
    has_video: {
      kind: 'on-off',
      default: 'on',
      since: '5.0',
      says: 'Whether the FLV header announces video.',
      answer: { notHere: 'the FLV header says what the stream has' },
    },
    guess_has_av: {
      kind: 'on-off',
      default: 'on',
      since: '5.0',
      says: 'Finds out from the stream what the FLV header announces.',
      answer: { notHere: 'the FLV header says what the stream has' },
    },
    hstrs: {
      kind: 'on-off',
      default: 'on',
      since: '2.0',
      says: 'Made edges wait for a stream that a player asked for by HTTP.',
      answer: { notHere: 'players always wait for their stream, here and in SRS' },
    },
  },
} as const

/** `vhost.http_static`: files of a vhost. */
export const HTTP_STATIC = {
  kind: 'block',
  since: '1.0',
  says: 'Files of a vhost over HTTP.',
  answer: { later: 'static files' },
  rows: {
    enabled: { kind: 'on-off', default: 'off', since: '1.0', says: 'Whether there are any.' },
    mount: { kind: 'path', default: '[vhost]/', since: '1.0', says: 'Where they are, as addresses go.' },
    dir: { kind: 'path', default: './objs/nginx/html', since: '1.0', says: 'Where they are on disk.' },
  },
} as const

/** `vhost.http_hooks`: another server decides, and is told. */
export const HTTP_HOOKS = {
  kind: 'block',
  since: '2014',
  says: 'Another server is asked who may do what, and is told what happens.',
  answer: { later: 'HTTP hooks' },
  rows: {
    enabled: { kind: 'on-off', default: 'off', since: '2014', says: 'Whether hooks are called.' },
    on_connect: { kind: 'urls', unset: 'none', since: '2014', says: 'Asked when a client connects.' },
    on_close: { kind: 'urls', unset: 'none', since: '2014', says: 'Told when a client has gone.' },
    on_publish: { kind: 'urls', unset: 'none', since: '2014', says: 'Asked when a client wants to publish.' },
    on_unpublish: { kind: 'urls', unset: 'none', since: '2014', says: 'Told when a publication ends.' },
    on_play: { kind: 'urls', unset: 'none', since: '2014', says: 'Asked when a client wants to play.' },
    on_stop: { kind: 'urls', unset: 'none', since: '2014', says: 'Told when a client plays no more.' },
    on_dvr: { kind: 'urls', unset: 'none', since: '2.0', says: 'Told when a recording is complete.' },
    on_hls: { kind: 'urls', unset: 'none', since: '2.0', says: 'Told when an HLS segment is complete.' },
    on_hls_notify: {
      kind: 'urls',
      unset: 'none',
      since: '2.0',
      says: 'Fetched when an HLS segment is complete: fills caches.',
    },
  },
} as const
