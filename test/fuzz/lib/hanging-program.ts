/** For `watchdog.test.ts`: begins with an input and never ends. */
import { Watchdog } from './watchdog.ts'

const watchdog = new Watchdog(100)
// The thread that watches is to be there before the one that is watched hangs.
setTimeout(() => {
  watchdog.begin('hanging', Uint8Array.of(1, 2, 3))
  for (;;) {
    // As a parser that never ends.
  }
}, 1000)
