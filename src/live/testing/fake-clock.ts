import { type Clock, type Ms, ms } from '../../base/index.ts'

/** A clock that stands still until it is moved. */
export class FakeClock implements Clock {
  #now = 1000

  now(): Ms {
    return ms(this.#now)
  }

  wallTime(): Ms {
    return ms(1_700_000_000_000 + this.#now)
  }

  advance(by: number): void {
    this.#now += by
  }
}
