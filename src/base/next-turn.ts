/** Parts of work that one turn of the event loop takes at most, and for how long another one is begun, ms. */
const PARTS_OF_TURN = 4
const BEGUN_WITHIN_MS = 0.5

const waiting: (() => void)[] = []
let isTaken = false
let begunAt = 0

/**
 * Resolves in one of the turns of the event loop that follow: who has much to do that nobody waits for does a part of it in each, and
 * however many do so at once, media and sockets have their turn in between. Small parts share a turn, so that one who has many,
 * and many who have one, need not wait for as many turns: none begins when the turn has gone on for half a millisecond.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve)
    takeTurn()
  })
}

function takeTurn(): void {
  if (isTaken || waiting.length === 0) {
    return
  }
  isTaken = true
  // What waits goes on behind its own one, before the next: so a part that asks for another turn may get the next of these. An
  // immediate that is asked for now comes in the next turn, behind what sockets have brought.
  for (let part = 1; part <= PARTS_OF_TURN; part++) {
    setImmediate(takePart, part)
  }
}

function takePart(part: number): void {
  const now = performance.now()
  if (part === 1) {
    begunAt = now
  }
  if (now - begunAt < BEGUN_WITHIN_MS) {
    waiting.shift()?.()
  }
  if (part === PARTS_OF_TURN) {
    isTaken = false
    takeTurn()
  }
}
