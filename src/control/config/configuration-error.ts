import { ServerError } from '../../base/index.ts'
import { formatFault } from './format-faults.ts'
import type { ConfigFault } from './statement.ts'

/** A configuration cannot be used. `message` has the first fault, `faults` has all of them. */
export class ConfigurationError extends ServerError {
  /** All that is wrong, in the order of the files. */
  readonly faults: readonly ConfigFault[]

  /** @param faults at least one */
  constructor(faults: readonly ConfigFault[]) {
    const [first] = faults
    const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''
    super('ERR_CONFIGURATION', `${first === undefined ? 'no fault is known' : formatFault(first)}${more}`)
    this.faults = faults
  }
}
