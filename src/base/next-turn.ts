const waiting: (() => void)[] = []

/**
 * Resolves in a turn of the event loop that nobody else has got from here: who has much to do that nobody waits for does a part of it in
 * each, and however many do so at once, media and sockets have their turn behind every part.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.push(resolve) === 1) {
      setImmediate(takeTurn)
    }
  })
}

function takeTurn(): void {
  waiting.shift()?.()
  if (waiting.length > 0) {
    // Not within this turn: what an immediate asks for comes in the next one, behind what sockets have brought.
    setImmediate(takeTurn)
  }
}
