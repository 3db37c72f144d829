import type { JWTVerifyGetKey } from 'jose'
import * as errors from 'jose/errors'
import { type Clock, type Logger, type Ms, redactSecrets, ServerError, toError } from '../../base/index.ts'
import { type KeySet, MAX_KEY_SET_BYTES, parseKeySet } from './key-set.ts'

/** How long an answer with keys may take, ms. */
export const KEY_SET_TIMEOUT_MS = 5_000

/** Keys are not fetched again within this time because of a token with an unknown key: anybody can make such tokens, ms. */
export const KEY_SET_COOLDOWN_MS = 30_000

/** After a failure, they are not fetched again within this time, ms. */
export const KEY_SET_RETRY_MS = 5_000

/** Default of `JwtOptions.refreshMs`. */
export const DEFAULT_KEY_SET_REFRESH_MS = 600_000

/** Default of `JwtOptions.staleMs`. */
export const DEFAULT_KEY_SET_STALE_MS = 86_400_000

/** No keys, and none to be had at the moment. */
export class KeysUnavailableError extends Error {
  /** @param message where they were looked for, and why they are not there */
  constructor(message: string) {
    super(message)
    this.name = 'KeysUnavailableError'
  }
}

/** What a remote key set is made with. */
export type RemoteKeySetSetup = Readonly<{
  /** Where the keys are. */
  url: string
  /** See `JwtOptions.refreshMs`. */
  refreshMs: number
  /** See `JwtOptions.staleMs`. */
  staleMs: number
  /** Times the ages of keys. */
  clock: Clock
  /** Told of failures. */
  logger: Logger
  /** Ends what is being fetched. */
  signal: AbortSignal
}>

/**
 * The keys at a URL. They are fetched when a token needs them, and kept: while they are fresh nothing is fetched; when they
 * are older they are used and meanwhile fetched anew; when the URL does not answer they are used for `staleMs` more. A token with
 * an unknown key has them fetched at once, but not more often than KEY_SET_COOLDOWN_MS says. There are no timers.
 */
export class RemoteKeySet implements KeySet {
  readonly #setup: RemoteKeySetSetup
  #keys: KeySet | null = null
  #fetchedAt: Ms | null = null
  #triedAt: Ms | null = null
  #failure: string | null = null
  #fetching: Promise<void> | null = null

  /**
   * Nothing is fetched yet.
   * @param option what names the URL, for errors
   * @throws ServerError ERR_CONFIGURATION if it is no http or https URL, or has a name or a password
   */
  constructor(setup: RemoteKeySetSetup, option: string) {
    const url = URL.parse(setup.url)
    const shown = redactSecrets(setup.url)
    if (url === null || !/^https?:$/.test(url.protocol)) {
      throw new ServerError('ERR_CONFIGURATION', `${option}: '${shown}' is no http or https URL`)
    }
    if (url.username !== '' || url.password !== '') {
      const problem =
        'has a name or a password, which are not sent: keys to check signatures with are no secret'
      throw new ServerError('ERR_CONFIGURATION', `${option}: '${shown}' ${problem}`)
    }
    this.#setup = setup
  }

  /** Fetches the keys, so that the first token need not wait. Failures are logged. */
  prepare(): Promise<void> {
    return this.#fetch()
  }

  readonly find: JWTVerifyGetKey = async (header, token) => {
    const keys = await this.#current()
    try {
      return await keys.find(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || this.#triedWithin(KEY_SET_COOLDOWN_MS)) {
        throw error
      }
      await this.#fetch()
      return await (this.#keys ?? keys).find(header, token)
    }
  }

  /** Keys that may be used. */
  async #current(): Promise<KeySet> {
    const { url, refreshMs, staleMs } = this.#setup
    const isOld = this.#isOlderThan(refreshMs)
    if (isOld && !this.#triedWithin(this.#failure === null ? 0 : KEY_SET_RETRY_MS)) {
      const fetched = this.#fetch()
      if (this.#isOlderThan(staleMs)) {
        await fetched
      }
    } else if (this.#keys === null) {
      await this.#fetching
    }
    if (this.#keys === null || this.#isOlderThan(staleMs)) {
      throw new KeysUnavailableError(`the keys at ${redactSecrets(url)} can't be had: ${this.#failure}`)
    }
    return this.#keys
  }

  /** One fetch at a time; never rejects. */
  #fetch(): Promise<void> {
    this.#fetching ??= this.#fetchNow().finally(() => {
      this.#fetching = null
    })
    return this.#fetching
  }

  async #fetchNow(): Promise<void> {
    const { url, clock, logger, signal } = this.#setup
    this.#triedAt = clock.now()
    try {
      this.#keys = parseKeySet(await this.#download())
      this.#fetchedAt = clock.now()
      this.#failure = null
    } catch (error) {
      this.#failure = explain(toError(error))
      if (signal.aborted) {
        return
      }
      logger.warn(
        { url: redactSecrets(url), reason: this.#failure, hasOlderKeys: this.#keys !== null },
        'keys could not be fetched',
      )
    }
  }

  async #download(): Promise<string> {
    const { url, signal } = this.#setup
    const end = AbortSignal.any([signal, AbortSignal.timeout(KEY_SET_TIMEOUT_MS)])
    const response = await fetch(url, {
      signal: end,
      redirect: 'error',
      headers: { accept: 'application/json' },
    })
    const chunks: Uint8Array[] = []
    let bytes = 0
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes > MAX_KEY_SET_BYTES) {
        throw new Error(`it has more than ${MAX_KEY_SET_BYTES} bytes (MAX_KEY_SET_BYTES)`)
      }
    }
    if (response.status !== 200) {
      throw new Error(`it answers HTTP ${response.status}`)
    }
    return Buffer.concat(chunks).toString('utf8')
  }

  #isOlderThan(ageMs: number): boolean {
    return this.#fetchedAt === null || this.#setup.clock.now() - this.#fetchedAt > ageMs
  }

  #triedWithin(ms: number): boolean {
    return this.#triedAt !== null && this.#setup.clock.now() - this.#triedAt < ms
  }
}

/** What `fetch` throws has its reason underneath. */
function explain(error: Error): string {
  return error.name === 'TimeoutError'
    ? `no answer within ${KEY_SET_TIMEOUT_MS} ms (KEY_SET_TIMEOUT_MS)`
    : redactSecrets((error.cause === undefined ? error : toError(error.cause)).message)
}
