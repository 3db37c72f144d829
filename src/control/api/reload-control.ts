import { randomId, toError } from '../../base/index.ts'

/** What came of a reload, or of the question what it would do. */
export type ReloadOutcome =
  | Readonly<{
      /** What was done, or would be done. */
      plan: object
    }>
  | Readonly<{
      /** Why nothing was done; lines for people. */
      faults: string
    }>

/** Whoever can read the configuration of the server again: a program that has a file. */
export interface ReloadSource {
  /** What a reload would do; nothing is changed. */
  plan(): Promise<ReloadOutcome>
  /** Reloads. */
  reload(): Promise<ReloadOutcome>
}

/** How far a reload is, by SRS's numbers: 0 there was none, 10 the file is being read, 90 it is over. */
export type ReloadState = Readonly<{
  /** 0, or `ERROR_SYSTEM_CONFIG_INVALID` if the newest one failed. */
  err: number
  /** What happened, for people. */
  msg: string
  /** See above. */
  state: number
  /** Which reload: new with each. */
  rid: string
}>

const CONFIG_INVALID = 1023

/** Reloads for the API, and remembers how the newest one went. */
export class ReloadControl {
  #source: ReloadSource | null = null
  #state: ReloadState = { err: 0, msg: 'Success', state: 0, rid: '' }

  /** Whoever can reload; null as long as nobody can. */
  get source(): ReloadSource | null {
    return this.#source
  }

  /** From now on this one reloads. */
  use(source: ReloadSource): void {
    this.#source = source
  }

  /** How the newest reload went. */
  get state(): ReloadState {
    return this.#state
  }

  /** Reloads, and remembers how that goes. Never rejects. */
  async reload(): Promise<ReloadOutcome> {
    const rid = randomId(8)
    this.#state = { err: 0, msg: 'Success', state: 10, rid }
    const outcome = await this.#reload()
    const { err, msg } =
      'faults' in outcome ? { err: CONFIG_INVALID, msg: outcome.faults.trim() } : { err: 0, msg: 'Success' }
    this.#state = { err, msg, state: 90, rid }
    return outcome
  }

  async #reload(): Promise<ReloadOutcome> {
    try {
      return (await this.#source?.reload()) ?? { faults: NO_SOURCE }
    } catch (error) {
      return { faults: toError(error).message }
    }
  }
}

/** Why there is nothing to reload. */
export const NO_SOURCE = 'this server was started by a program, without a configuration file to read again'
