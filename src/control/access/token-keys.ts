import { readFile, stat } from 'node:fs/promises'
import { type Logger, ServerError, toError } from '../../base/index.ts'
import type { TokenKey, TokenOptions } from './options.ts'

/** Keys of one server or vhost. */
export const MAX_TOKEN_KEYS = 100

/** What the id of a key may be. */
export const TOKEN_KEY_ID: RegExp = /^[\w-]{1,32}$/

/** A secret that is shorter can be guessed, characters. */
export const MIN_TOKEN_SECRET_LENGTH = 16

/** Bytes of a file with keys. */
export const MAX_KEY_FILE_BYTES: number = 64 * 1024

/** Permission of everybody to read a file (POSIX S_IROTH). */
const READABLE_BY_EVERYBODY = 0o004

/**
 * Reads a file of lines `ID SECRET`.
 * @param option what names the file, for errors
 * @param logger warned if everybody on the machine can read it
 * @throws ServerError ERR_CONFIGURATION that says what is wrong in which line
 */
export async function readKeyFile(path: string, option: string, logger: Logger): Promise<TokenKey[]> {
  const text = await readSecretFile(path, option, logger)
  return text.split(/\r?\n/).flatMap((line, index) => {
    const words = line.trim().split(/\s+/)
    if (words[0] === '' || words[0]?.startsWith('#')) {
      return []
    }
    const [id = '', secret = '', ...rest] = words
    const key = { id, secret }
    const fault = rest.length > 0 ? 'a line has an id and a secret, and no more' : faultOf(key)
    if (fault !== null) {
      throw new ServerError('ERR_CONFIGURATION', `${option}: ${path}:${index + 1}: ${fault}`)
    }
    return [key]
  })
}

/**
 * All keys of the options, by id.
 * @param where what the options are of, named in errors, e.g. 'access.token'
 * @throws ServerError ERR_CONFIGURATION if there is none, one can't be used, or two have the same id
 */
export async function readTokenKeys(
  options: TokenOptions,
  where: string,
  logger: Logger,
): Promise<ReadonlyMap<string, TokenKey>> {
  for (const [index, key] of (options.keys ?? []).entries()) {
    const fault = faultOf(key)
    if (fault !== null) {
      throw new ServerError('ERR_CONFIGURATION', `${where}.keys[${index}]: ${fault}`)
    }
  }
  const { keyFile } = options
  const fromFile = keyFile === undefined ? [] : await readKeyFile(keyFile, `${where}.keyFile`, logger)
  const all = [...(options.keys ?? []), ...fromFile]
  const keys = new Map(all.map((key) => [key.id, key]))
  if (keys.size !== all.length) {
    throw new ServerError('ERR_CONFIGURATION', `${where}: two keys have the same id`)
  }
  if (all.length === 0 || all.length > MAX_TOKEN_KEYS) {
    throw new ServerError(
      'ERR_CONFIGURATION',
      `${where}: there are ${all.length} keys, it takes 1 to ${MAX_TOKEN_KEYS} (MAX_TOKEN_KEYS) in keys and keyFile`,
    )
  }
  return keys
}

/**
 * Reads a file that nobody but the server should read.
 * @throws ServerError ERR_CONFIGURATION if it can't be read or is larger than MAX_KEY_FILE_BYTES
 */
export async function readSecretFile(path: string, option: string, logger: Logger): Promise<string> {
  try {
    const found = await stat(path)
    const { mode, size } = found
    if (!found.isFile()) {
      throw new Error('it is no file')
    }
    if (size > MAX_KEY_FILE_BYTES) {
      throw new Error(`it has ${size} bytes, more than MAX_KEY_FILE_BYTES (${MAX_KEY_FILE_BYTES})`)
    }
    if ((mode & READABLE_BY_EVERYBODY) !== 0) {
      logger.warn({ file: path, option }, 'everybody on this machine can read a file with keys: chmod 600')
    }
    return await readFile(path, 'utf8')
  } catch (error) {
    const cause = toError(error)
    const message = `${option}: ${path} can't be read: ${cause.message}`
    throw new ServerError('ERR_CONFIGURATION', message, { cause })
  }
}

/** What is wrong with a key; the secret is not told. */
function faultOf({ id, secret }: TokenKey): string | null {
  if (!TOKEN_KEY_ID.test(id)) {
    // Not shown: it may be a secret whose id was forgotten.
    return "a key's id has 1 to 32 letters, digits, '-' and '_', and stands before its secret"
  }
  if (secret.length < MIN_TOKEN_SECRET_LENGTH) {
    return `the secret of key '${id}' has ${secret.length} characters, fewer than MIN_TOKEN_SECRET_LENGTH (${MIN_TOKEN_SECRET_LENGTH})`
  }
  return null
}
