import type { Logger } from '../../base/index.ts'
import type { ProgressSettings } from '../../control/index.ts'

/** A stream, as far as its progress is told. */
type CountedStream = Readonly<{
  /** Who publishes it; null for nobody. */
  publication: object | null
  /** Who plays it. */
  viewers: ReadonlySet<unknown>
  /** Bytes so far. */
  counters: Readonly<{ bytesReceived: number; bytesSent: number }>
}>

/**
 * Writes a line about all publishers together, and one about all players, every so often while there are some. That is what the
 * pithy print of SRS is for: to see in the log that media flows, at a cost that does not grow with the clients.
 * @param streams gives those that there are
 * @returns ends it
 */
export function logProgress(
  streams: () => readonly CountedStream[],
  logger: Logger,
  { publishMs, playMs }: ProgressSettings,
): () => void {
  const publishing = every(publishMs, new Meter('bytesReceived'), streams, (all, kbps) => {
    const publishers = all.filter(({ publication }) => publication !== null).length
    if (publishers > 0) {
      logger.info({ publishers, kbps }, 'publishing')
    }
  })
  const playing = every(playMs, new Meter('bytesSent'), streams, (all, kbps) => {
    const players = all.reduce((sum, { viewers }) => sum + viewers.size, 0)
    if (players > 0) {
      logger.info({ players, kbps }, 'playing')
    }
  })
  return () => {
    clearInterval(publishing)
    clearInterval(playing)
  }
}

function every(
  intervalMs: number,
  meter: Meter,
  streams: () => readonly CountedStream[],
  tell: (streams: readonly CountedStream[], kbps: number) => void,
): NodeJS.Timeout | undefined {
  if (intervalMs <= 0) {
    return undefined
  }
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    const all = streams()
    const bits = 8 * meter.bytesSinceLast(all)
    tell(all, Math.round(bits / Math.max(1, now - last)))
    last = now
  }, intervalMs)
  return timer.unref()
}

/** Counts what was added since it was last asked; streams come and go meanwhile. */
class Meter {
  readonly #name: 'bytesReceived' | 'bytesSent'
  #last = new WeakMap<CountedStream, number>()

  constructor(name: 'bytesReceived' | 'bytesSent') {
    this.#name = name
  }

  bytesSinceLast(streams: readonly CountedStream[]): number {
    let sum = 0
    for (const stream of streams) {
      const bytes = stream.counters[this.#name]
      sum += bytes - (this.#last.get(stream) ?? 0)
      this.#last.set(stream, bytes)
    }
    return sum
  }
}
