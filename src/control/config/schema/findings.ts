import { FaultList } from '../fault-list.ts'
import { DEFAULT_CONFIG_LIMITS } from '../limits.ts'
import type { ConfigFault, Place } from '../statement.ts'

/** Gathers what there is to say about a configuration, up to `maxConfigFaults` of either sort. */
export class Findings {
  readonly #faults = new FaultList(DEFAULT_CONFIG_LIMITS.maxConfigFaults)
  readonly #notices = new FaultList(DEFAULT_CONFIG_LIMITS.maxConfigFaults)
  /** What was told without a place: a variable of the environment is read for each vhost, and told once. */
  readonly #told = new Set<string>()

  /** What makes it unusable. */
  get faults(): readonly ConfigFault[] {
    return this.#faults.faults
  }

  /** What its writer should know: a directive without effect, one that is given twice. */
  get notices(): readonly ConfigFault[] {
    return this.#notices.faults
  }

  /** Whether there are as many faults as are told. Looking for more is of no use then. */
  get isFull(): boolean {
    return this.#faults.isFull
  }

  /** Adds what makes the configuration unusable. */
  fault(place: Place | null, message: string): void {
    this.#add(this.#faults, place, message)
  }

  /** Adds what the writer should know. */
  notice(place: Place | null, message: string): void {
    this.#add(this.#notices, place, message)
  }

  #add(list: FaultList, place: Place | null, message: string): void {
    if (place === null && this.#told.has(message)) {
      return
    }
    if (place === null) {
      this.#told.add(message)
    }
    list.add(place, message)
  }
}
