import type { RtmpDialect } from './server-handlers.ts'

/** Tells by the commands of a client how it introduces itself. */
export class DialectWatch {
  #dialect: RtmpDialect = 'flash'
  #isFirst = true

  /** As far as is known. */
  get dialect(): RtmpDialect {
    return this.#dialect
  }

  /** A command of the client. */
  note(command: string): void {
    switch (command) {
      case 'releaseStream':
      case 'FCPublish':
        if (this.#isFirst) {
          this.#dialect = 'fmle'
        } else if (this.#dialect === 'flash' && command === 'FCPublish') {
          this.#dialect = 'haivision'
        }
        this.#isFirst = false
        return
      case 'createStream':
        this.#isFirst = false
    }
  }
}
