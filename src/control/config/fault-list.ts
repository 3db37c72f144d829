import type { ConfigFault, Place } from './statement.ts'

/** Gathers faults up to a limit. */
export class FaultList {
  readonly #faults: ConfigFault[] = []
  readonly #max: number

  /** @param max faults that are kept; one more says that there are more */
  constructor(max: number) {
    this.#max = max
  }

  /** The faults in the order they were found. */
  get faults(): readonly ConfigFault[] {
    return this.#faults
  }

  /** Are there as many as are told? Looking for more is of no use then. */
  get isFull(): boolean {
    return this.#faults.length > this.#max
  }

  /** Adds a fault, unless there are too many. */
  add(place: Place | null, message: string): void {
    if (this.#faults.length < this.#max) {
      this.#faults.push({ place, message })
    } else if (this.#faults.length === this.#max) {
      this.#faults.push({
        place: null,
        message: `more faults than maxConfigFaults (${this.#max}): the rest is not told`,
      })
    }
  }
}
