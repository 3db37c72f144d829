import { timingSafeEqual } from 'node:crypto'
import { type Clock, type Logger, toError } from '../../base/index.ts'
import type { Decision, StreamRequest } from '../../live/index.ts'
import { AddressList } from '../../net/index.ts'
import {
  ACCESS_ACTIONS,
  type AccessAction,
  DEFAULT_CLOCK_SKEW_MS,
  type TokenKey,
  type TokenOptions,
} from './options.ts'
import type { RefusalCode } from './refusal-codes.ts'
import { APP_SCOPE, type SignedGrant, signGrant, TOKEN_PARAMETERS } from './signature.ts'
import { readTokenKeys } from './token-keys.ts'

/** Checks the signatures of URLs; see `TokenOptions`. */
export class SignedUrls {
  readonly #keys: ReadonlyMap<string, TokenKey>
  readonly #clockSkewMs: number
  readonly #clock: Clock

  /** @param keys by id */
  constructor(keys: ReadonlyMap<string, TokenKey>, clockSkewMs: number, clock: Clock) {
    this.#keys = keys
    this.#clockSkewMs = clockSkewMs
    this.#clock = clock
  }

  /**
   * Reads the keys that the options name.
   * @param where what the options are of, named in errors, e.g. 'access.token'
   * @throws ServerError ERR_CONFIGURATION if keys can't be read or used
   */
  static async load(
    options: TokenOptions,
    where: string,
    { clock, logger }: { clock: Clock; logger: Logger },
  ): Promise<SignedUrls> {
    const keys = await readTokenKeys(options, where, logger)
    return new SignedUrls(keys, options.clockSkewMs ?? DEFAULT_CLOCK_SKEW_MS, clock)
  }

  /** Whether the URL of a request claims to be signed. */
  isSigned({ parameters }: StreamRequest): boolean {
    return parameters.has(TOKEN_PARAMETERS.signature)
  }

  /** Whether the signature is one of ours, for this action and stream, now and from there. */
  check(action: AccessAction, request: StreamRequest): Decision {
    const read = readParameters(request.parameters)
    if (typeof read === 'string') {
      return refuse('token_malformed', read)
    }
    const { signature, keyId, expires, address, scope } = read
    const key = this.#keys.get(keyId)
    if (key === undefined) {
      return refuse('token_unknown_key', 'the URL is signed with a key that is not known here (any more)')
    }
    const { app, stream } = request.name
    const vhost = request.name.vhost
    const grant = { action, vhost, app, stream: scope === APP_SCOPE ? null : stream, expires, address }
    if (!isSignatureOf(grant, key, signature)) {
      return refuse('token_signature', describeMismatch(grant, key, signature))
    }
    const lateMs = this.#clock.wallTime() - expires * 1000
    if (lateMs > this.#clockSkewMs) {
      return refuse('token_expired', `the signed URL has expired ${Math.ceil(lateMs / 1000)} s ago`)
    }
    return checkAddress(request.client.address, address)
  }
}

type Parameters = Readonly<{
  signature: Buffer
  keyId: string
  expires: number
  address: string
  scope: string
}>

/** The parameters, or what is wrong with them. */
function readParameters(parameters: URLSearchParams): Parameters | string {
  const get = (name: keyof typeof TOKEN_PARAMETERS): string => parameters.get(TOKEN_PARAMETERS[name]) ?? ''
  const [expires, scope] = [get('expires'), get('scope')]
  const signature = Buffer.from(get('signature'), 'base64url')
  if (!/^\d{1,11}$/.test(expires)) {
    return "a signed URL needs 'expires', in seconds since 1970"
  }
  if (scope !== '' && scope !== APP_SCOPE) {
    return `'scope' of a signed URL is '${APP_SCOPE}' or left out`
  }
  if (signature.length !== 32) {
    return "'sig' of a signed URL has 43 letters, digits, '-' and '_': was the URL cut off?"
  }
  return { signature, keyId: get('key'), expires: Number(expires), address: get('address'), scope }
}

function isSignatureOf(grant: SignedGrant, key: TokenKey, signature: Buffer): boolean {
  return timingSafeEqual(signGrant(grant, key.secret), signature)
}

/** Says so if only the action is wrong: people confuse the two URLs. */
function describeMismatch(grant: SignedGrant, key: TokenKey, signature: Buffer): string {
  const others = ACCESS_ACTIONS.filter((action) => action !== grant.action)
  const other = others.find((action) => isSignatureOf({ ...grant, action }, key, signature))
  return other === undefined
    ? 'the signature is of another URL, or was made with another secret'
    : `the URL is signed to ${other}, not to ${grant.action}`
}

function checkAddress(client: string, address: string): Decision {
  if (address === '') {
    return { allowed: true }
  }
  let addresses: AddressList
  try {
    addresses = new AddressList([address], TOKEN_PARAMETERS.address)
  } catch (error) {
    // Signed by a program of the operator, and no address all the same.
    return refuse('token_malformed', toError(error).message)
  }
  return addresses.has(client)
    ? { allowed: true, holdsFor: (other) => addresses.has(other) }
    : refuse('token_address', `the URL is signed for ${address}, and ${client} uses it`)
}

function refuse(code: RefusalCode, reason: string): Decision {
  return { allowed: false, link: 'token', code, reason }
}
