import type { Clock, Logger } from '../../base/index.ts'
import type { KeySet } from './key-set.ts'
import type { JwtOptions } from './options.ts'
import { DEFAULT_KEY_SET_REFRESH_MS, DEFAULT_KEY_SET_STALE_MS, RemoteKeySet } from './remote-key-set.ts'

/** The key sets of a server that are fetched, each once however many rules use it. Rules that are read anew find its keys again. */
export class RemoteKeySets {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #closing = new AbortController()
  readonly #sets = new Map<string, RemoteKeySet>()

  /** @param logger told of failures */
  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock
    this.#logger = logger
  }

  /**
   * The key set at a URL; of one that is new, the keys begin to be fetched.
   * @param option what names the URL, for errors
   * @throws ServerError ERR_CONFIGURATION if it is no http or https URL, or has a name or a password
   */
  open(url: string, { refreshMs, staleMs }: JwtOptions, option: string): KeySet {
    const times = {
      refreshMs: refreshMs ?? DEFAULT_KEY_SET_REFRESH_MS,
      staleMs: staleMs ?? DEFAULT_KEY_SET_STALE_MS,
    }
    const key = JSON.stringify([url, times])
    const existing = this.#sets.get(key)
    if (existing !== undefined) {
      return existing
    }
    const [clock, logger, { signal }] = [this.#clock, this.#logger, this.#closing]
    const made = new RemoteKeySet({ url, ...times, clock, logger, signal }, option)
    this.#sets.set(key, made)
    void made.prepare()
    return made
  }

  /** Ends what is being fetched. */
  close(): void {
    this.#closing.abort()
  }
}
