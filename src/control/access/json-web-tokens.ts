import type { JWTPayload, JWTVerifyGetKey, JWTVerifyOptions } from 'jose'
// Of the package only what is used: the whole of it takes four times as long to load, for every command.
import * as errors from 'jose/errors'
import { jwtVerify } from 'jose/jwt/verify'
import { type Clock, ServerError, toError } from '../../base/index.ts'
import type { Decision, StreamRequest } from '../../live/index.ts'
import { AddressList } from '../../net/index.ts'
import type { KeySet } from './key-set.ts'
import {
  type AccessAction,
  DEFAULT_CLOCK_SKEW_MS,
  DEFAULT_JWT_ALGORITHMS,
  type JwtOptions,
} from './options.ts'
import type { RefusalCode } from './refusal-codes.ts'
import { KeysUnavailableError } from './remote-key-set.ts'

/** Longest token accepted, characters. */
export const MAX_JWT_LENGTH = 4096

/** Entries of a claim that may be a list. */
export const MAX_JWT_LIST_LENGTH = 100

/** Parameters of a URL that may hold a token, in this order. */
const PARAMETERS = ['jwt', 'token'] as const

/** Checks JSON Web Tokens; see `JwtOptions`. */
export class JsonWebTokens {
  readonly #keys: KeySet
  readonly #clock: Clock
  readonly #options: Omit<JWTVerifyOptions, 'currentDate'>
  readonly #claims: Readonly<{ stream: string; actions: string }>

  /**
   * @param where what the options are of, named in errors, e.g. 'access.jwt'
   * @throws ServerError ERR_CONFIGURATION if an algorithm is not one of `DEFAULT_JWT_ALGORITHMS`
   */
  constructor(keys: KeySet, options: JwtOptions, where: string, clock: Clock) {
    const { algorithms = DEFAULT_JWT_ALGORITHMS, issuer, audience, clockSkewMs } = options
    const unknown = algorithms.find((each) => !DEFAULT_JWT_ALGORITHMS.includes(each))
    if (unknown !== undefined || algorithms.length === 0) {
      throw new ServerError(
        'ERR_CONFIGURATION',
        `${where}.algorithms: '${unknown ?? ''}' is none of ${DEFAULT_JWT_ALGORITHMS.join(', ')}`,
      )
    }
    this.#keys = keys
    this.#clock = clock
    this.#options = {
      algorithms: [...algorithms],
      clockTolerance: (clockSkewMs ?? DEFAULT_CLOCK_SKEW_MS) / 1000,
      requiredClaims: ['exp'],
      ...(issuer === undefined ? {} : { issuer: [...issuer] }),
      ...(audience === undefined ? {} : { audience: [...audience] }),
    }
    this.#claims = { stream: options.streamClaim ?? 'stream', actions: options.actionsClaim ?? 'actions' }
  }

  /** The token of a request; null if it has none. */
  tokenOf({ parameters, authorization = '' }: StreamRequest): string | null {
    const given = PARAMETERS.map((name) => parameters.get(name)).find(
      (value) => value !== null && value !== '',
    )
    // RFC 6750, 2.1; the scheme in any case (RFC 9110, 11.1).
    return given ?? /^bearer +(\S+)$/i.exec(authorization)?.[1] ?? null
  }

  /** Whether a token is valid, and for this action and stream. */
  async check(action: AccessAction, request: StreamRequest, token: string): Promise<Decision> {
    if (token.length > MAX_JWT_LENGTH) {
      const limit = `MAX_JWT_LENGTH (${MAX_JWT_LENGTH})`
      return refuse('jwt_malformed', `the token has ${token.length} characters, more than ${limit}`)
    }
    let claims: JWTPayload
    try {
      claims = await this.#verify(token)
    } catch (error) {
      return explain(toError(error))
    }
    return this.#checkClaims(action, request, claims)
  }

  async #verify(token: string): Promise<JWTPayload> {
    const options = { ...this.#options, currentDate: new Date(this.#clock.wallTime()) }
    const verify = async (find: JWTVerifyGetKey): Promise<JWTPayload> =>
      (await jwtVerify(token, find, options)).payload
    try {
      return await verify(this.#keys.find)
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) {
        throw error
      }
      // A token that does not say which key it is signed with: one of those that fit.
      for await (const key of error) {
        const claims = await verify(async () => key).catch((failure: unknown) => {
          if (failure instanceof errors.JWSSignatureVerificationFailed) {
            return null
          }
          throw failure
        })
        if (claims !== null) {
          return claims
        }
      }
      throw new errors.JWSSignatureVerificationFailed()
    }
  }

  #checkClaims(action: AccessAction, request: StreamRequest, claims: JWTPayload): Decision {
    const vhost = request.name.vhost
    const streams = listOf(claims[this.#claims.stream])
    const actions = listOf(claims[this.#claims.actions])
    const vhosts = claims.vhost === undefined ? null : listOf(claims.vhost)
    const addresses = claims.address === undefined ? [] : listOf(claims.address)
    if (streams === null || actions === null || addresses === null) {
      return refuse(
        'jwt_malformed',
        `the token needs the claims '${this.#claims.stream}' and '${this.#claims.actions}': texts, or lists of at most ${MAX_JWT_LIST_LENGTH}`,
      )
    }
    const path = `${request.name.app}/${request.name.stream}`
    if (!streams.some((pattern) => matches(pattern, path))) {
      return refuse('jwt_stream', `the token is not for ${path}`)
    }
    if (claims.vhost !== undefined && vhosts?.includes(vhost) !== true) {
      return refuse('jwt_stream', `the token is not for the virtual host ${vhost}`)
    }
    if (!actions.includes(action)) {
      return refuse('jwt_action', `the token is not for who wants to ${action}`)
    }
    return checkAddress(request.client.address, addresses)
  }
}

/** `live/demo` is that stream, `live/*` each within `live`, `*` all. */
function matches(pattern: string, path: string): boolean {
  return pattern.endsWith('*') ? isPrefix(pattern.slice(0, -1), path) : pattern === path
}

function isPrefix(prefix: string, path: string): boolean {
  return (prefix === '' || prefix.endsWith('/')) && path.startsWith(prefix)
}

/** A claim that is a text or a list of texts; null if it is neither. */
function listOf(claim: unknown): string[] | null {
  const list: unknown[] = Array.isArray(claim) ? claim : [claim]
  return list.length <= MAX_JWT_LIST_LENGTH && list.every((each) => typeof each === 'string') ? list : null
}

function checkAddress(client: string, addresses: readonly string[]): Decision {
  if (addresses.length === 0) {
    return { allowed: true }
  }
  let list: AddressList
  try {
    list = new AddressList(addresses, "claim 'address'")
  } catch (error) {
    return refuse('jwt_malformed', toError(error).message)
  }
  return list.has(client)
    ? { allowed: true, holdsFor: (other) => list.has(other) }
    : refuse('jwt_address', `the token is for ${addresses.join(', ')}, and ${client} uses it`)
}

/**
 * The refusal for what jose found wrong.
 * @throws the error if it is not about the token
 */
function explain(error: Error): Decision {
  if (error instanceof KeysUnavailableError) {
    return refuse('jwt_keys_unavailable', error.message)
  }
  if (error instanceof errors.JWTExpired) {
    return refuse('jwt_expired', 'the token has expired')
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    const isMissing = error.reason === 'missing'
    const said = `the token's claim '${error.claim}' ${isMissing ? 'is missing' : 'does not fit'}`
    return refuse(isMissing && error.claim === 'exp' ? 'jwt_malformed' : 'jwt_claim', said)
  }
  if (error instanceof errors.JWKSNoMatchingKey) {
    return refuse('jwt_unknown_key', 'the token is signed with a key that the key set does not have')
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return refuse('jwt_signature', 'the signature of the token is wrong')
  }
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported) {
    return refuse('jwt_algorithm', 'the token is signed by an algorithm that is not taken here')
  }
  if (error instanceof errors.JOSEError) {
    return refuse('jwt_malformed', 'what is given as a token is no JSON Web Token')
  }
  throw error
}

function refuse(code: RefusalCode, reason: string): Decision {
  return { allowed: false, link: 'jwt', code, reason }
}
