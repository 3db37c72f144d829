/** What a client wants of a stream. */
export type AccessAction = 'publish' | 'play'

/** Both actions: what `require` of tokens means when it is left out. */
export const ACCESS_ACTIONS: readonly AccessAction[] = ['publish', 'play']

/**
 * Which pages may embed a player or publisher: the host of the client's `pageUrl` (over HTTP: of Referer, or else Origin) must be
 * a listed name or within it. SRS matches any ending, so that `evilexample.com` passes for `example.com`; here a name matches
 * whole labels only. Who names no page is refused where there is a list: encoders and players that are no web pages, too.
 * SRS: `refer { enabled on; all ...; publish ...; play ...; }`, in 2014 `refer`, `refer_publish` and `refer_play`.
 */
export type ReferOptions = Readonly<{
  /** Default true: rules that are given count. */
  enabled?: boolean
  /** Host names for publishers and players, e.g. 'example.com'. None: no rule. */
  all?: readonly string[]
  /** Host names for publishers, checked after `all`. */
  publish?: readonly string[]
  /** Host names for players, checked after `all`. */
  play?: readonly string[]
}>

/** One line of `security`, e.g. `deny publish 192.0.2.0/24`. */
export type SecurityRule = Readonly<{
  /** What becomes of who matches. */
  effect: 'allow' | 'deny'
  /** Which action it is about. */
  action: AccessAction
  /** 'all', an IP address or a network, e.g. '192.0.2.1', '10.0.0.0/8' or '2001:db8::/32'. */
  address: string
}>

/**
 * Who may publish and play by address, in the steps of SRS: no rule at all refuses everybody (1052); of the rules for the action
 * a `deny` that matches refuses (1053); an `allow` that matches allows; where there are `allow` rules and none matches, it is
 * refused (1054); else it is allowed. SRS: `security { enabled on; allow|deny publish|play all|IP|CIDR; }`
 */
export type SecurityOptions = Readonly<{
  /** Default true: rules that are given count. */
  enabled?: boolean
  /** In any order. */
  rules?: readonly SecurityRule[]
}>

/** A key that signs URLs. */
export type TokenKey = Readonly<{
  /** Stands in the URLs as `key`: letters, digits, '-' and '_', at most 32. */
  id: string
  /** Known to who signs and to the server; at least 16 characters, better 32 random bytes in base64 or hexadecimal. */
  secret: string
}>

/**
 * Signed, expiring URLs: `?expires=...&key=...&sig=...` is an HMAC-SHA-256 over action, vhost, stream and expiry, and over the
 * client's address if the URL has one; see `signStreamUrl` and `srs sign`. To change keys: add the new one, sign with it, and take
 * the old one out once its URLs have expired.
 * In a file: `token { enabled on; require publish play; key ID SECRET; key_file FILE; clock_skew SECONDS; }`
 */
export type TokenOptions = Readonly<{
  /** Default true. */
  enabled?: boolean
  /** Which actions need a signed URL, or a JWT where `jwt` asks for one, too. Default: both. */
  require?: readonly AccessAction[]
  /** The keys; at most MAX_TOKEN_KEYS with those of `keyFile`. */
  keys?: readonly TokenKey[]
  /** A file of lines `ID SECRET`; blank lines and those that begin with # don't count. A warning is logged if everybody can read it. */
  keyFile?: string
  /** How long after its expiry a URL is still taken, for clocks that differ, ms. Default 30 000. */
  clockSkewMs?: number
}>

/**
 * JSON Web Tokens (RFC 7519) in `?token=` or `?jwt=`, or over HTTP in `Authorization: Bearer`. A token says what it is for:
 * `stream` ('live/demo', 'live/*', '*', or a list of these), `actions` (a list of 'publish' and 'play'), and `exp`; it may say
 * `nbf`, `iss`, `aud`, and `vhost` and `address` (each a text or a list). Signatures are checked with public keys only.
 * In a file: `jwt { enabled on; require publish play; jwks_file FILE; jwks_url URL; issuer ...; audience ...; algorithms ...;
 * stream_claim NAME; actions_claim NAME; clock_skew SECONDS; refresh SECONDS; stale SECONDS; }`
 */
export type JwtOptions = Readonly<{
  /** Default true. */
  enabled?: boolean
  /** Which actions need a JWT, or a signed URL where `token` asks for one, too. Default: both. */
  require?: readonly AccessAction[]
  /** A JSON Web Key Set (RFC 7517, 5) in a file; either this or `jwksUrl`. */
  jwksFile?: string
  /** An http or https URL that answers with a JSON Web Key Set; fetched at the start, and again as `refreshMs` says. */
  jwksUrl?: string
  /** One of these must be `iss`. Default: any. */
  issuer?: readonly string[]
  /** One of these must be among `aud`. Default: any. */
  audience?: readonly string[]
  /** Algorithms taken (RFC 7518, 3.1; RFC 8037), of DEFAULT_JWT_ALGORITHMS. Default: all of these. */
  algorithms?: readonly string[]
  /** Name of the claim with the streams. Default 'stream'. */
  streamClaim?: string
  /** Name of the claim with the actions. Default 'actions'. */
  actionsClaim?: string
  /** How far `exp` and `nbf` may be off, for clocks that differ, ms. Default 30 000. */
  clockSkewMs?: number
  /** Keys of `jwksUrl` that are older are fetched anew when a token comes, ms. Default 600 000. */
  refreshMs?: number
  /** How long keys are used while `jwksUrl` does not answer, since they were fetched, ms. Default 86 400 000, a day. */
  staleMs?: number
}>

/**
 * Who may publish and play. What is left out lets everybody do everything. Checked in this order, before `onPublish` and `onPlay`
 * of the program: `refer`, `security`, then `token` and `jwt`; the first refusal counts. Where both `token` and `jwt` want a
 * proof, one is enough. A vhost's own settings replace those of the server field by field (`refer` as a whole, and so on).
 */
export type AccessOptions = Readonly<{
  /** Which pages may embed a player or publisher. */
  refer?: ReferOptions
  /** Which addresses may publish and play. */
  security?: SecurityOptions
  /** Signed, expiring URLs. */
  token?: TokenOptions
  /** JSON Web Tokens. */
  jwt?: JwtOptions
}>

/** Algorithms with a public key: what `jwt.algorithms` may name. 'none' and those with a shared secret are never taken. */
export const DEFAULT_JWT_ALGORITHMS: readonly string[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
]

/** How far clocks may differ: `clockSkewMs` of `token` and `jwt`, ms. */
export const DEFAULT_CLOCK_SKEW_MS = 30_000
