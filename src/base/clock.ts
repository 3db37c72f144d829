import { type Ms, ms } from './units.ts'

/** The clock port; tests hand in one they move by hand. */
export interface Clock {
  /** Monotone time since an arbitrary origin; for measuring spans. */
  now(): Ms
  /** Milliseconds since the Unix epoch; for showing to people and for wall-clock stamps. */
  wallTime(): Ms
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => ms(performance.now()),
  wallTime: () => ms(Date.now()),
}
