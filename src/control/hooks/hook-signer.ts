import { createHmac } from 'node:crypto'
import process from 'node:process'
import { type Logger, ServerError } from '../../base/index.ts'
import { readSecretFile } from '../access/index.ts'
import type { HookDeliveryOptions } from './options.ts'

/** A key that is shorter can be guessed, characters. */
export const MIN_HOOK_SECRET_LENGTH = 24

/** Keys at once. */
export const MAX_HOOK_SECRETS = 10

/** What stands before a key that is written in base64 (Standard Webhooks). */
const BASE64_PREFIX = 'whsec_'

/**
 * Signs calls as Standard Webhooks 1.0 says, so that its libraries verify them: HMAC-SHA256 of `ID.TIMESTAMP.BODY`, in base64
 * behind `v1,`, one for each key.
 */
export class HookSigner {
  readonly #keys: readonly Buffer[]

  /**
   * @param secrets keys as they are written: base64 behind `whsec_`, or else any text, whose UTF-8 bytes are the key
   * @throws ServerError ERR_CONFIGURATION if one can't be used; it is not shown
   */
  constructor(secrets: readonly string[]) {
    if (secrets.length > MAX_HOOK_SECRETS) {
      throw new ServerError(
        'ERR_CONFIGURATION',
        `hookDelivery: there are ${secrets.length} secrets, more than MAX_HOOK_SECRETS (${MAX_HOOK_SECRETS})`,
      )
    }
    this.#keys = secrets.map(keyOf)
  }

  /** Whether there is a key. */
  get signs(): boolean {
    return this.#keys.length > 0
  }

  /**
   * The value of `webhook-signature`.
   * @param id of `webhook-id`
   * @param seconds of `webhook-timestamp`, since the Unix epoch
   */
  sign(id: string, seconds: number, body: string): string {
    return this.#keys
      .map((key) => `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`)
      .join(' ')
  }
}

/** Signs nothing. */
export const noHookSigner: HookSigner = new HookSigner([])

/**
 * Reads the keys of the options, of the environment and of the file that they name.
 * @param logger warned if everybody on the machine can read the file
 * @throws ServerError ERR_CONFIGURATION that says what can't be used
 */
export async function loadHookSigner(
  {
    secret,
    secretVariable,
    secretFile,
  }: Pick<HookDeliveryOptions, 'secret' | 'secretVariable' | 'secretFile'>,
  logger: Logger,
): Promise<HookSigner> {
  const variable = secretVariable === null ? null : readVariable(secretVariable)
  const text = secretFile === null ? '' : await readSecretFile(secretFile, 'hookDelivery.secretFile', logger)
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  if (secretFile !== null && lines.length === 0) {
    throw new ServerError('ERR_CONFIGURATION', `hookDelivery.secretFile: ${secretFile} has no secret in it`)
  }
  return new HookSigner([secret, variable, ...lines].filter((given) => given !== null))
}

function readVariable(name: string): string {
  const value = process.env[name]
  if (value === undefined || value === '') {
    throw new ServerError(
      'ERR_CONFIGURATION',
      `hookDelivery.secretVariable: the environment has no variable '${name}'`,
    )
  }
  return value
}

function keyOf(secret: string): Buffer {
  if (secret.length < MIN_HOOK_SECRET_LENGTH) {
    throw new ServerError(
      'ERR_CONFIGURATION',
      `hookDelivery: a secret has ${secret.length} characters, fewer than MIN_HOOK_SECRET_LENGTH (${MIN_HOOK_SECRET_LENGTH})`,
    )
  }
  if (!secret.startsWith(BASE64_PREFIX)) {
    return Buffer.from(secret, 'utf8')
  }
  const encoded = secret.slice(BASE64_PREFIX.length)
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) {
    throw new ServerError(
      'ERR_CONFIGURATION',
      `hookDelivery: a secret begins with ${BASE64_PREFIX} and is no base64 behind that`,
    )
  }
  return Buffer.from(encoded, 'base64')
}
