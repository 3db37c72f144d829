import type { Clock, Ms } from '../base/index.ts'

/** How long what a broadcast has gathered has been waiting, from the arrival of its oldest frame on. */
export class FlushLag {
  readonly #clock: Clock
  /** Arrival of the oldest frame that no flush has taken; null if there is none. */
  #gatheredAt: Ms | null = null
  /** The same of what is sealed, and waits for the next pass. */
  #sealedAt: Ms | null = null
  /** The same of what the present pass writes. */
  #passedAt: Ms | null = null

  /** @param clock times the frames */
  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A frame has come that is to be written. */
  onFrame(): void {
    this.#gatheredAt ??= this.#clock.now()
  }

  /** What had come is no news: it was there before. */
  forget(): void {
    this.#gatheredAt = null
  }

  /** What has gathered is sealed. */
  onFlush(): void {
    this.#sealedAt ??= this.#gatheredAt
    this.#gatheredAt = null
  }

  /** What is sealed is written to all players from now on. */
  onPass(): void {
    this.#passedAt = this.#sealedAt
    this.#sealedAt = null
  }

  /** How old the oldest frame of the present pass is; null if it has none. */
  ageMs(now: Ms): number | null {
    return this.#passedAt === null ? null : now - this.#passedAt
  }
}
