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
