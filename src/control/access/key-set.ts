import { readFile, stat } from 'node:fs/promises'
import type { JSONWebKeySet, JWK, JWTVerifyGetKey } from 'jose'
import { createLocalJWKSet } from 'jose/jwks/local'
import { ServerError, toError } from '../../base/index.ts'

/** Bytes of a JSON Web Key Set. */
export const MAX_KEY_SET_BYTES: number = 256 * 1024

/** Keys of a JSON Web Key Set. */
export const MAX_KEY_SET_KEYS = 100

/** Where the keys of JSON Web Tokens come from. */
export interface KeySet {
  /** Finds the key of a token; throws one of jose's errors if there is none. */
  readonly find: JWTVerifyGetKey
}

/** Kinds of keys that have a public half (RFC 7518, 6.1; RFC 8037, 2). */
const PUBLIC_KEY_TYPES: ReadonlySet<string> = new Set(['RSA', 'EC', 'OKP'])

/**
 * Reads a JSON Web Key Set (RFC 7517, 5). Keys that it can't use are left out, as the standard has it (section 5): unknown kinds,
 * and shared secrets and private keys, which have no place in what is given to servers that only check.
 * @throws Error that says what is wrong, if no key is left
 */
export function parseKeySet(text: string): KeySet {
  const parsed: unknown = JSON.parse(text)
  const all = isKeySet(parsed) ? parsed.keys : null
  if (all === null || all.length > MAX_KEY_SET_KEYS) {
    throw new Error(
      `it is no JSON Web Key Set: it takes an object with 'keys', a list of at most ${MAX_KEY_SET_KEYS} (MAX_KEY_SET_KEYS)`,
    )
  }
  const keys = all.filter(
    (key) => PUBLIC_KEY_TYPES.has(key.kty ?? '') && key.d === undefined && (key.use ?? 'sig') === 'sig',
  )
  if (keys.length === 0) {
    throw new Error('it has no public key to check signatures with (kty RSA, EC or OKP, without d)')
  }
  return { find: createLocalJWKSet({ keys }) }
}

/**
 * Reads a JSON Web Key Set from a file.
 * @param option what names the file, for errors
 * @throws ServerError ERR_CONFIGURATION that says what is wrong
 */
export async function readKeySetFile(path: string, option: string): Promise<KeySet> {
  try {
    const found = await stat(path)
    if (!found.isFile() || found.size > MAX_KEY_SET_BYTES) {
      throw new Error(`it is no file of at most ${MAX_KEY_SET_BYTES} bytes (MAX_KEY_SET_BYTES)`)
    }
    return parseKeySet(await readFile(path, 'utf8'))
  } catch (error) {
    const cause = toError(error)
    const message = `${option}: ${path} can't be used: ${cause.message}`
    throw new ServerError('ERR_CONFIGURATION', message, { cause })
  }
}

function isKeySet(value: unknown): value is JSONWebKeySet {
  return (
    typeof value === 'object' &&
    value !== null &&
    'keys' in value &&
    Array.isArray(value.keys) &&
    value.keys.every((key: unknown): key is JWK => typeof key === 'object' && key !== null)
  )
}
