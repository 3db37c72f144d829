import { type Clock, LimitError, RateLimit, systemClock } from '../base/index.ts'

/**
 * How often at once a client may change what it publishes or plays (publish, play, pause, receiveAudio, receiveVideo). Each
 * costs more than an answer: admission is asked, or a GOP is made ready in another format.
 */
export const MAX_CHANGES_AT_ONCE = 32

/** How many of these changes a second a client may go on with. */
export const CHANGES_PER_SECOND = 2

/** The commands that count. */
const CHANGES: ReadonlySet<string> = new Set([
  'publish',
  'play',
  'pause',
  'pauseRaw',
  'receiveAudio',
  'receiveVideo',
])

/** Counts the changes that one client asks for, so that it can't keep the server busy by asking. */
export class ChangeBudget {
  readonly #limit: RateLimit

  /** @param clock times what may be asked for again. Default: the machine's */
  constructor(clock: Clock = systemClock) {
    this.#limit = new RateLimit({ burst: MAX_CHANGES_AT_ONCE, perSecond: CHANGES_PER_SECOND }, clock)
  }

  /**
   * Counts a command, if it is one of these.
   * @throws LimitError if there were too many
   */
  count(command: string): void {
    if (CHANGES.has(command) && !this.#limit.take()) {
      throw new LimitError('MAX_CHANGES_AT_ONCE', MAX_CHANGES_AT_ONCE, MAX_CHANGES_AT_ONCE + 1)
    }
  }
}
