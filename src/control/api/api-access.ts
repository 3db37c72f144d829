import type { Clock } from '../../base/index.ts'
import type { HttpRequest } from '../../http/index.ts'
import { isThisMachine } from '../../net/index.ts'
import { defaultApiAccess, type ResolvedApiAccess } from './access-options.ts'
import { AddressRates } from './address-rates.ts'
import { ApiCredentials, type ApiPermission } from './credentials.ts'
import { type ApiAnswer, type Endpoint, failure, text } from './endpoint.ts'
import { foreignPageOf, isUnknownHost, type OwnPages } from './foreign-pages.ts'
import { hasBadCallback, jsonpCallbackOf } from './jsonp.ts'

/** What the access to the API is decided by, as of now. */
export type ApiAccessState = Readonly<{
  /** The settings. */
  options: ResolvedApiAccess
  /** Passwords and tokens. */
  credentials: ApiCredentials
  /** Whether nobody asked for an API, so that it is where streams are: then without a password only this machine may change something. */
  isImplied: boolean
  /** Whether pages of other origins may read the answers (`crossOrigin`). */
  crossOrigin: boolean
}>

/** What never changes. */
export type ApiAccessSetup = Readonly<{
  /** Times the rates. */
  clock: Clock
  /** Whether limits of an address don't apply to one. */
  trusts: (address: string) => boolean
  /** Ports and names of this server. */
  own: () => Pick<OwnPages, 'ports' | 'hosts'>
}>

/** Who may use the API: rates, passwords and tokens, and what pages of other sites may make a browser do. */
export class ApiAccess {
  readonly #setup: ApiAccessSetup
  #state: ApiAccessState = CLOSED
  #calls: AddressRates
  #failures: AddressRates

  /** Without a password, until `use` says otherwise: that is called before anything is listened on. */
  constructor(setup: ApiAccessSetup) {
    this.#setup = setup
    this.#calls = callRates(CLOSED, setup.clock)
    this.#failures = failureRates(CLOSED, setup.clock)
  }

  /** The settings in force. */
  get options(): ResolvedApiAccess {
    return this.#state.options
  }

  /** Decides by this from now on; rates begin anew. */
  use(state: ApiAccessState): void {
    this.#state = state
    this.#calls = callRates(state, this.#setup.clock)
    this.#failures = failureRates(state, this.#setup.clock)
  }

  /** The answer to an address that calls too often; null lets the request pass. All that is asked here, and elsewhere, counts together. */
  refuseFlood({ address }: HttpRequest): ApiAnswer | null {
    if (this.#setup.trusts(address) || this.#calls.take(address)) {
      return null
    }
    const { callRatePerAddress: rate, callBurstPerAddress: burst } = this.#state.options
    return tooMany(`more than ${rate} calls a second (callRatePerAddress) after ${burst} at once`)
  }

  /** The answer of a refusal; null lets the request pass. */
  refuse(request: HttpRequest, endpoint: Endpoint): ApiAnswer | null {
    const flood = this.refuseFlood(request)
    if (flood !== null) {
      return flood
    }
    const isTrusted = this.#setup.trusts(request.address)
    if (hasBadCallback(request)) {
      return text(400, "'callback' is to be the name of a function\n")
    }
    if (endpoint.isPublic === true) {
      return null
    }
    const { credentials } = this.#state
    if (credentials.exist && !isTrusted && !this.#failures.has(request.address)) {
      return tooMany('too many calls without the right password or token (failureRatePerAddress)')
    }
    const permission = this.#permissionOf(request)
    if (permission === null) {
      if (!isTrusted && request.authorization !== '') {
        this.#failures.take(request.address)
      }
      return unauthorized(credentials)
    }
    const changes =
      typeof endpoint.changes === 'function' ? endpoint.changes(request) : endpoint.changes === true
    return changes ? this.#refuseChange(request, permission) : this.#refuseReading(request)
  }

  /** Whether who was let in to look, and looks on, would be let in now. Counts nothing. */
  mayGoOn(request: HttpRequest): boolean {
    return this.#permissionOf(request) !== null && this.#refuseReading(request) === null
  }

  #permissionOf({ authorization }: HttpRequest): ApiPermission {
    const { credentials } = this.#state
    return credentials.exist ? credentials.permissionOf(authorization) : 'change'
  }

  #refuseChange(request: HttpRequest, permission: ApiPermission): ApiAnswer | null {
    const { credentials, isImplied } = this.#state
    if (permission !== 'change') {
      return forbidden('this token may only look (read)')
    }
    // A browser sends a token only when a page has it and tells it to; a password it sends by itself, whichever page asks.
    if (/^bearer /i.test(request.authorization) && credentials.exist) {
      return null
    }
    const own = this.#ownPages()
    const foreign = foreignPageOf(request, own)
    if (foreign !== null) {
      return forbidden(`${foreign}, which may not change anything here: add its origin to trusted_origins`)
    }
    if (!credentials.exist && isUnknownHost(request, own)) {
      return unknownHost(request)
    }
    if (!credentials.exist && isImplied && !isThisMachine(request.address)) {
      return forbidden(
        'from another machine, changes need a password or a token (apiAccess), or an API that was asked for (api)',
      )
    }
    return null
  }

  /** Where pages of other sites may not read, one must not become this server's own by a name that was made to point here. */
  #refuseReading(request: HttpRequest): ApiAnswer | null {
    const { credentials, crossOrigin } = this.#state
    if (!crossOrigin && !credentials.exist && isUnknownHost(request, this.#ownPages())) {
      return unknownHost(request)
    }
    return this.#refuseScript(request)
  }

  /** A script of another site reads what it is the argument of, without asking (CORS); and the browser adds the password. */
  #refuseScript(request: HttpRequest): ApiAnswer | null {
    const { credentials, crossOrigin } = this.#state
    if (jsonpCallbackOf(request) === null || (crossOrigin && !credentials.exist)) {
      return null
    }
    const foreign = foreignPageOf(request, this.#ownPages())
    return foreign === null ? null : forbidden(`${foreign}, which may not read this by JSONP`)
  }

  #ownPages(): OwnPages {
    return { ...this.#setup.own(), trustedOrigins: this.#state.options.trustedOrigins }
  }
}

/** Before anything is known: as for an API that nobody asked for. */
const CLOSED: ApiAccessState = {
  options: defaultApiAccess,
  credentials: new ApiCredentials(null, []),
  isImplied: true,
  crossOrigin: false,
}

function callRates({ options }: ApiAccessState, clock: Clock): AddressRates {
  return new AddressRates(
    { burst: options.callBurstPerAddress, perSecond: options.callRatePerAddress },
    clock,
  )
}

function failureRates({ options }: ApiAccessState, clock: Clock): AddressRates {
  const { failureBurstPerAddress: burst, failureRatePerAddress: perSecond } = options
  return new AddressRates({ burst, perSecond }, clock)
}

/** As SRS answers it. */
function unauthorized({ challenges }: ApiCredentials): ApiAnswer {
  return text(401, 'Unauthorized', undefined, { 'www-authenticate': challenges.join(', ') })
}

function forbidden(message: string): ApiAnswer {
  return failure(403, message, 403)
}

function unknownHost({ origin }: HttpRequest): ApiAnswer {
  return forbidden(
    `a browser asks for ${origin}, which is no known name of this server: add it to trusted_origins`,
  )
}

function tooMany(message: string): ApiAnswer {
  return failure(429, message, 429)
}
