import type { ConfigFault, Place } from '../statement.ts'

/** Gathers what there is to say about a configuration. */
export class Findings {
  /** What makes it unusable. */
  readonly faults: ConfigFault[] = []
  /** What its writer should know: a directive without effect, one that is given twice. */
  readonly notices: ConfigFault[] = []

  /** Adds what makes the configuration unusable. */
  fault(place: Place | null, message: string): void {
    this.faults.push({ place, message })
  }

  /** Adds what the writer should know. */
  notice(place: Place | null, message: string): void {
    this.notices.push({ place, message })
  }
}
