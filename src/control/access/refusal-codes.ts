/**
 * The stable codes of refusals with their meaning; they stand in the log, the event `refused` and the API. `docs/errors.md` lists
 * the same; a test keeps the two equal. A program's own checks and hooks may add others.
 */
export const REFUSAL_CODES = {
  vhost_unknown: 'there is no such virtual host, and no default one (SRS: vhost not found)',
  vhost_disabled: 'the virtual host is switched off (SRS: vhost not found)',
  refer_no_page: 'refer: the client names no page',
  refer_not_listed: 'refer: the page that embeds the client is not a listed one',
  security_no_rule: 'security is on without a rule (SRS: 1052)',
  security_denied: 'security: a deny rule matches the address (SRS: 1053)',
  security_not_allowed: 'security: no allow rule matches the address (SRS: 1054)',
  token_missing: 'the URL has neither a signature nor a token, and needs one',
  token_malformed: 'the parameters of a signed URL are incomplete or not what they must be',
  token_unknown_key: 'the URL is signed with a key that the server does not have (any more)',
  token_signature:
    'the signature is of something else: the URL was changed, or is for another stream or action',
  token_expired: 'the URL was signed for a time that is over',
  token_address: 'the URL was signed for another address',
  jwt_malformed: 'what stands where a JWT is expected is none, or lacks a claim that it needs',
  jwt_unknown_key: 'the JWT is signed with a key that the key set does not have (any more)',
  jwt_keys_unavailable: 'the key set could not be fetched',
  jwt_algorithm: 'the JWT is signed by an algorithm that is not taken',
  jwt_signature: 'the signature of the JWT is wrong',
  jwt_expired: 'the JWT has expired',
  jwt_claim: 'the JWT is not valid yet, or of another issuer or audience',
  jwt_stream: 'the JWT is for another stream or vhost',
  jwt_action: 'the JWT is for another action',
  jwt_address: 'the JWT is for another address',
  program: 'the function of the program, onPublish or onPlay, said no',
  hook_refused: 'an HTTP hook did not say yes',
  hook_unavailable: 'the server of an HTTP hook is down, or did not answer in time',
  check_failed: 'a check failed itself, and so let nobody in',
  relay_loop: 'the stream comes back to a server that it has come through, or has come through too many',
  forward_backend: 'the backend of forward could not say where the stream is to be sent',
  origin_refused: 'an origin of the edge refuses the client: its reason is told',
  origin_unavailable: 'none of the origins of the edge can be reached',
  edge_full: 'the edge fetches as many streams as it may (MAX_PULLS)',
  redirected: 'the client was sent on to another server (RTMP 302)',
  origin_not_found: 'no origin of the cluster has the stream (SRS: 3092)',
  stream: 'the stream is published by somebody else, or a limit is reached',
  hls: 'there are as many HLS viewers as there may be',
} as const

/** A stable code of a refusal. */
export type RefusalCode = keyof typeof REFUSAL_CODES
