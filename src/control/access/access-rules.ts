import { type Clock, type Logger, ServerError } from '../../base/index.ts'
import type { Decision, StreamRequest } from '../../live/index.ts'
import { type AccessCheck, ALLOWED } from './check.ts'
import { JsonWebTokens } from './json-web-tokens.ts'
import { readKeySetFile } from './key-set.ts'
import {
  ACCESS_ACTIONS,
  type AccessAction,
  type AccessOptions,
  type JwtOptions,
  type TokenOptions,
} from './options.ts'
import { compileRefer } from './refer.ts'
import type { RemoteKeySets } from './remote-key-sets.ts'
import { compileSecurity } from './security.ts'
import { SignedUrls } from './signed-urls.ts'

/** What rules are made with. */
export type AccessRulesSetup = Readonly<{
  /** Tells whether tokens have expired. */
  clock: Clock
  /** Told of keys that can't be fetched, or that everybody can read. */
  logger: Logger
  /** Keep fetched keys over a reload. */
  keySets: RemoteKeySets
}>

/** Options that are times, ms. */
const DURATIONS = ['clockSkewMs', 'refreshMs', 'staleMs'] as const satisfies readonly (keyof JwtOptions)[]

/** The rules of a server or virtual host, read and checked: what is left can't fail for a mistake in them. */
export class AccessRules {
  readonly #checks: readonly AccessCheck[]

  private constructor(checks: readonly AccessCheck[]) {
    this.#checks = checks
  }

  /**
   * Reads the rules, with the files that they name.
   * @param where what the options are of, named in errors, e.g. 'access'
   * @throws ServerError ERR_CONFIGURATION that says what can't be used
   */
  static async load(options: AccessOptions, where: string, setup: AccessRulesSetup): Promise<AccessRules> {
    const { refer, security, token, jwt } = options
    return new AccessRules([
      ...(isOn(refer) ? [compileRefer(refer, where)] : []),
      ...(isOn(security) ? [compileSecurity(security, where)] : []),
      await loadProofs(isOn(token) ? token : null, isOn(jwt) ? jwt : null, where, setup),
    ])
  }

  /** Whether who shows no proof is let in; what takes time to find out counts as no. */
  isOpenTo(action: AccessAction, request: StreamRequest): boolean {
    return this.#checks.every((check) => {
      const decision = check(action, request)
      return 'allowed' in decision && decision.allowed
    })
  }

  /** The first refusal, or else what the permissions say together. */
  async check(action: AccessAction, request: StreamRequest): Promise<Decision> {
    let last = ALLOWED
    for (const check of this.#checks) {
      last = await check(action, request)
      if (!last.allowed) {
        return last
      }
    }
    // Of these checks only the last one has more to say than yes.
    return last
  }
}

function isOn<T extends { enabled?: boolean }>(options: T | undefined): options is T {
  return options !== undefined && options.enabled !== false
}

/** Signed URLs and JSON Web Tokens: where both want a proof, one is enough. */
async function loadProofs(
  token: TokenOptions | null,
  jwt: JwtOptions | null,
  where: string,
  setup: AccessRulesSetup,
): Promise<AccessCheck> {
  requireDurations(token, `${where}.token`)
  requireDurations(jwt, `${where}.jwt`)
  const signed = token === null ? null : await SignedUrls.load(token, `${where}.token`, setup)
  const tokens = jwt === null ? null : await loadTokens(jwt, `${where}.jwt`, setup)
  const wanted = {
    signed: signed === null ? [] : readActions(token?.require, `${where}.token`),
    tokens: tokens === null ? [] : readActions(jwt?.require, `${where}.jwt`),
  }
  return (action, request) => {
    const bySignature = wanted.signed.includes(action) ? signed : null
    const byToken = wanted.tokens.includes(action) ? tokens : null
    if (bySignature === null && byToken === null) {
      return ALLOWED
    }
    if (bySignature?.isSigned(request) === true) {
      return bySignature.check(action, request)
    }
    const text = byToken?.tokenOf(request) ?? null
    if (byToken !== null && text !== null) {
      return byToken.check(action, request, text)
    }
    const proof = [bySignature && 'a signed URL', byToken && 'a token'].filter((each) => each !== null)
    const reason = `who wants to ${action} needs ${proof.join(' or ')}`
    return { allowed: false, link: bySignature === null ? 'jwt' : 'token', code: 'token_missing', reason }
  }
}

async function loadTokens(jwt: JwtOptions, where: string, setup: AccessRulesSetup): Promise<JsonWebTokens> {
  const { jwksFile, jwksUrl } = jwt
  if ((jwksFile === undefined) === (jwksUrl === undefined)) {
    throw new ServerError('ERR_CONFIGURATION', `${where} needs its keys: either jwksFile or jwksUrl`)
  }
  const keys =
    jwksFile === undefined
      ? setup.keySets.open(jwksUrl ?? '', jwt, `${where}.jwksUrl`)
      : await readKeySetFile(jwksFile, `${where}.jwksFile`)
  return new JsonWebTokens(keys, jwt, where, setup.clock)
}

/** A time that is no number would let nothing expire. */
function requireDurations(options: TokenOptions | JwtOptions | null, where: string): void {
  for (const name of DURATIONS) {
    const value = (options as JwtOptions | null)?.[name] ?? 0
    if (!(Number.isFinite(value) && value >= 0)) {
      throw new ServerError('ERR_CONFIGURATION', `${where}.${name} must be 0 ms or more, is ${value}`)
    }
  }
}

function readActions(actions: readonly AccessAction[] | undefined, where: string): readonly AccessAction[] {
  const unknown = actions?.find((action) => !ACCESS_ACTIONS.includes(action))
  if (unknown !== undefined) {
    throw new ServerError(
      'ERR_CONFIGURATION',
      `${where}.require: '${unknown}' is neither 'publish' nor 'play'`,
    )
  }
  return actions ?? ACCESS_ACTIONS
}
