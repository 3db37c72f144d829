import { RejectedError } from '../../base/index.ts'

/** What a publisher chose can't be used where a template has it: the program is not started for that stream. */
export class UnusableValueError extends RejectedError {
  /** @param message what can't be used and why, fit for a log line */
  constructor(message: string) {
    super(message)
  }
}
