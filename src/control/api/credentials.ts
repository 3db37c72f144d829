import { createHash, timingSafeEqual } from 'node:crypto'
import { type Logger, ServerError } from '../../base/index.ts'
import { readSecretFile } from '../access/index.ts'
import type { ResolvedApiAccess } from './access-options.ts'

/** A token of the API has so many characters at least: it must not be guessed. */
export const MIN_API_TOKEN_LENGTH = 16

/** Tokens in a file at most: each is compared with what a client brings. */
export const MAX_API_TOKENS = 100

/** What a client may do by what it brought: look, or change things, too; null if that was not right. */
export type ApiPermission = 'read' | 'change' | null

/** Something to compare with: never the secret itself. */
type Secret = Readonly<{ digest: Buffer; permission: 'read' | 'change' }>

/** The password and the tokens that the API takes. */
export class ApiCredentials {
  readonly #basic: Secret | null
  readonly #tokens: readonly Secret[]

  /** @param tokens lines of a token file */
  constructor(auth: ResolvedApiAccess['auth'], tokens: readonly string[]) {
    this.#basic =
      auth === null ? null : { digest: digestOf(`${auth.username}:${auth.password}`), permission: 'change' }
    this.#tokens = tokens.map((line) => {
      const [token = '', permission] = line.split(/\s+/)
      return { digest: digestOf(token), permission: permission === 'read' ? 'read' : 'change' }
    })
  }

  /** Whether there is any: else the API is open to whoever reaches it. */
  get exist(): boolean {
    return this.#basic !== null || this.#tokens.length > 0
  }

  /** How a client is to say who it is, as WWW-Authenticate has it; SRS says Basic. */
  get challenges(): readonly string[] {
    return [
      ...(this.#basic === null ? [] : ['Basic realm="SRS", charset="UTF-8"']),
      ...(this.#tokens.length === 0 ? [] : ['Bearer']),
    ]
  }

  /** What the header Authorization of a request lets its sender do. Takes as long for what is nearly right as for what is not. */
  permissionOf(authorization: string): ApiPermission {
    const [, scheme = '', rest = ''] = /^(\w+) +(\S+) *$/.exec(authorization) ?? []
    switch (scheme.toLowerCase()) {
      case 'basic':
        return find(this.#basic === null ? [] : [this.#basic], Buffer.from(rest, 'base64').toString())
      case 'bearer':
        return find(this.#tokens, rest)
      default:
        return null
    }
  }
}

/**
 * Reads the token file that the options name.
 * @param logger warned if everybody on the machine can read it
 * @throws ServerError ERR_CONFIGURATION that says what is wrong with it; no token stands in that
 */
export async function loadApiCredentials(
  { auth, tokenFile }: ResolvedApiAccess,
  logger: Logger,
): Promise<ApiCredentials> {
  return new ApiCredentials(auth, tokenFile === null ? [] : await readTokens(tokenFile, logger))
}

async function readTokens(path: string, logger: Logger): Promise<string[]> {
  const text = await readSecretFile(path, 'http_api.tokens', logger)
  const lines = text.split('\n').map((line) => line.trim())
  const tokens: string[] = []
  for (const [index, line] of lines.entries()) {
    if (line === '' || line.startsWith('#')) {
      continue
    }
    const [token = '', permission, ...more] = line.split(/\s+/)
    const where = `line ${index + 1} of the token file ${path}`
    if (token.length < MIN_API_TOKEN_LENGTH) {
      throw fault(`${where} has a token of less than ${MIN_API_TOKEN_LENGTH} characters: make a longer one`)
    }
    if ((permission !== undefined && permission !== 'read') || more.length > 0) {
      throw fault(`${where} is to be a token, or a token and the word read`)
    }
    tokens.push(line)
  }
  if (tokens.length === 0 || tokens.length > MAX_API_TOKENS) {
    throw fault(`the token file ${path} has ${tokens.length} tokens: 1 to ${MAX_API_TOKENS} are taken`)
  }
  return tokens
}

function fault(message: string): ServerError {
  return new ServerError('ERR_CONFIGURATION', message)
}

function find(secrets: readonly Secret[], given: string): ApiPermission {
  const digest = digestOf(given)
  let permission: ApiPermission = null
  for (const secret of secrets) {
    if (timingSafeEqual(secret.digest, digest)) {
      permission = secret.permission
    }
  }
  return permission
}

/** All of one length, as `timingSafeEqual` needs them. */
function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}
