/** `vhost.refer`: pages that may embed players and publishers. */
export const REFER = {
  kind: 'block',
  since: '2014',
  says: 'Which web pages may embed a player or publisher. 2014: `refer`, `refer_publish` and `refer_play` with names behind them.',
  rows: {
    enabled: { kind: 'on-off', default: 'off', since: '3.0', says: 'Whether the names are looked at.' },
    all: {
      kind: 'texts',
      to: 'access.refer.all',
      unset: 'every page',
      since: '3.0',
      says: 'Host names of pages that may publish and play; those within them, too.',
    },
    publish: {
      kind: 'texts',
      to: 'access.refer.publish',
      unset: 'every page',
      since: '3.0',
      says: 'Host names of pages that may publish, looked at after `all`.',
    },
    play: {
      kind: 'texts',
      to: 'access.refer.play',
      unset: 'every page',
      since: '3.0',
      says: 'Host names of pages that may play, looked at after `all`.',
    },
  },
} as const

/** `vhost.security`: addresses that may publish and play. */
export const SECURITY = {
  kind: 'block',
  since: '2.0.86',
  says: 'Which addresses may publish and play. On without any rule refuses everybody; a `deny` that matches comes before each `allow`.',
  rows: {
    enabled: { kind: 'on-off', default: 'off', since: '2.0.86', says: 'Whether the rules count.' },
    allow: {
      kind: 'access-rule',
      repeatable: true,
      since: '2.0.86',
      says: 'Lets an address publish or play. Where there are such rules, nobody else may.',
    },
    deny: {
      kind: 'access-rule',
      repeatable: true,
      since: '2.0.86',
      says: 'Refuses an address that wants to publish or play.',
    },
  },
} as const

/** `vhost.token`: signed, expiring URLs. */
export const TOKEN = {
  kind: 'block',
  since: 'here',
  says: 'Signed URLs that expire.',
  rows: {
    enabled: { kind: 'on-off', default: 'off', since: 'here', says: 'Whether signatures are asked for.' },
    require: {
      kind: 'words',
      words: ['publish', 'play'],
      to: 'access.token.require',
      since: 'here',
      says: 'What needs a signed URL.',
    },
    key: {
      kind: 'key',
      repeatable: true,
      secret: 'value',
      to: 'access.token.keys',
      since: 'here',
      says: 'A key that signs URLs: its name, as it stands in them, and its secret. Several while keys are changed.',
    },
    key_file: {
      kind: 'path',
      to: 'access.token.keyFile',
      unset: 'no file',
      since: 'here',
      says: 'A file of lines with the name of a key and its secret, so that secrets need not stand here.',
    },
    clock_skew: {
      kind: 'seconds',
      to: 'access.token.clockSkewMs',
      since: 'here',
      says: 'How long after its end a URL is still taken, for clocks that differ.',
    },
  },
} as const

/** `vhost.jwt`: JSON Web Tokens. */
export const JWT = {
  kind: 'block',
  since: 'here',
  says: 'JSON Web Tokens (RFC 7519) in URLs or, over HTTP, in the Authorization header.',
  rows: {
    enabled: { kind: 'on-off', default: 'off', since: 'here', says: 'Whether tokens are asked for.' },
    require: {
      kind: 'words',
      words: ['publish', 'play'],
      to: 'access.jwt.require',
      since: 'here',
      says: 'What needs a token.',
    },
    jwks_file: {
      kind: 'path',
      to: 'access.jwt.jwksFile',
      unset: 'no file',
      since: 'here',
      says: 'A file with the public keys (JSON Web Key Set, RFC 7517).',
    },
    jwks_url: {
      kind: 'url',
      to: 'access.jwt.jwksUrl',
      unset: 'no URL',
      since: 'here',
      says: 'A URL that answers with the public keys.',
    },
    issuer: {
      kind: 'texts',
      to: 'access.jwt.issuer',
      unset: 'any',
      since: 'here',
      says: 'Who may have issued a token (`iss`).',
    },
    audience: {
      kind: 'texts',
      to: 'access.jwt.audience',
      unset: 'any',
      since: 'here',
      says: 'For whom a token must be (`aud`).',
    },
    algorithms: {
      kind: 'words',
      words: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'],
      to: 'access.jwt.algorithms',
      unset: 'all of them',
      since: 'here',
      says: 'Signatures that are taken.',
    },
    stream_claim: {
      kind: 'text',
      to: 'access.jwt.streamClaim',
      default: 'stream',
      since: 'here',
      says: 'The claim that names the streams.',
    },
    actions_claim: {
      kind: 'text',
      to: 'access.jwt.actionsClaim',
      default: 'actions',
      since: 'here',
      says: 'The claim that says whether the token is for publishing or playing.',
    },
    clock_skew: {
      kind: 'seconds',
      to: 'access.jwt.clockSkewMs',
      since: 'here',
      says: 'How far the times of a token may be off, for clocks that differ.',
    },
    refresh: {
      kind: 'seconds',
      min: 1,
      to: 'access.jwt.refreshMs',
      since: 'here',
      says: 'Keys of `jwks_url` that are older are fetched anew.',
    },
    stale: {
      kind: 'seconds',
      to: 'access.jwt.staleMs',
      since: 'here',
      says: 'How long keys are used while `jwks_url` does not answer.',
    },
  },
} as const
