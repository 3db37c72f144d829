import { ServerError } from '../../base/index.ts'

/** Who may use the API, and how much of it. A change counts at once. */
export type ApiAccessOptions = Readonly<{
  /** A name and a password (Basic, RFC 7617). SRS: http_api.auth. */
  auth?: Readonly<{
    /** Whether they are asked for. Default true where they are given; SRS: off. */
    enabled?: boolean
    /** The name. */
    username?: string
    /** The password. */
    password?: string
  }>
  /**
   * A file of tokens (Bearer, RFC 6750), one a line, `MIN_API_TOKEN_LENGTH` characters at least; one with the word `read` behind it
   * may look, and change nothing. Read at the start and at every reload. Default: none.
   */
  tokenFile?: string
  /**
   * Origins whose pages may change something, too, e.g. 'https://console.example.com'; others than this server's own may look only,
   * where `crossOrigin` lets them. Default: none.
   */
  trustedOrigins?: readonly string[]
  /** Calls a second of one address in the long run. Default 50. */
  callRatePerAddress?: number
  /** Calls of one address at once, before the rate counts. Default 500. */
  callBurstPerAddress?: number
  /** Calls a second of one address without the right password or token in the long run. Default 0.2. */
  failureRatePerAddress?: number
  /** The same at once, before the rate counts; past it the address is told to wait, whatever it brings. Default 20. */
  failureBurstPerAddress?: number
  /** SRS: http_api.raw_api. */
  rawApi?: Readonly<{
    /** Whether `/api/v1/raw` and `/api/v1/reload` do anything. Default false. */
    enabled?: boolean
    /** Whether they reload the configuration. Default false. */
    allowReload?: boolean
  }>
}>

/** `ApiAccessOptions` with every default. */
export type ResolvedApiAccess = Readonly<{
  /** Null: no name and password. */
  auth: Readonly<{ username: string; password: string }> | null
  /** Null: no tokens. */
  tokenFile: string | null
  /** As `ApiAccessOptions`, in the form that browsers send. */
  trustedOrigins: readonly string[]
  /** As `ApiAccessOptions`. */
  callRatePerAddress: number
  /** As `ApiAccessOptions`. */
  callBurstPerAddress: number
  /** As `ApiAccessOptions`. */
  failureRatePerAddress: number
  /** As `ApiAccessOptions`. */
  failureBurstPerAddress: number
  /** As `ApiAccessOptions`. */
  rawApi: Readonly<{ enabled: boolean; allowReload: boolean }>
}>

/** The defaults of `ApiAccessOptions`. */
export const defaultApiAccess: ResolvedApiAccess = {
  auth: null,
  tokenFile: null,
  trustedOrigins: [],
  callRatePerAddress: 50,
  callBurstPerAddress: 500,
  failureRatePerAddress: 0.2,
  failureBurstPerAddress: 20,
  rawApi: { enabled: false, allowReload: false },
}

/**
 * The options with every default.
 * @throws ServerError ERR_CONFIGURATION if one can't be used
 */
export function resolveApiAccess({
  auth,
  rawApi,
  trustedOrigins = [],
  ...given
}: ApiAccessOptions = {}): ResolvedApiAccess {
  const said = Object.entries(given).filter(([, value]) => value !== undefined)
  return {
    ...defaultApiAccess,
    ...Object.fromEntries(said),
    auth: resolveAuth(auth),
    trustedOrigins: trustedOrigins.map(requireOrigin),
    rawApi: { enabled: rawApi?.enabled ?? false, allowReload: rawApi?.allowReload ?? false },
  }
}

function resolveAuth(auth: ApiAccessOptions['auth']): ResolvedApiAccess['auth'] {
  const { username = '', password = '' } = auth ?? {}
  const enabled = auth?.enabled ?? (username !== '' || password !== '')
  if (!enabled) {
    return null
  }
  if (username === '' || password === '') {
    throw new ServerError(
      'ERR_CONFIGURATION',
      'the API is to ask for a name and a password (http_api.auth): give both',
    )
  }
  if (username.includes(':')) {
    throw new ServerError('ERR_CONFIGURATION', "the name of http_api.auth can't have a ':' (RFC 7617, 2)")
  }
  return { username, password }
}

function requireOrigin(text: string): string {
  const url = URL.parse(text)
  if (url === null || url.host === '' || !['', '/'].includes(url.pathname) || url.search !== '') {
    throw new ServerError(
      'ERR_CONFIGURATION',
      `trusted_origins has '${text}', which is no origin: write it as https://console.example.com`,
    )
  }
  return url.origin
}
