import type { Clock } from '../base/index.ts'

/** How long a server that has failed once is passed over, ms; twice as long for each time more. */
export const FIRST_REST_MS = 5_000

/** How long a server that fails again and again is passed over at most, ms: then somebody tries it once more. */
export const MAX_REST_MS = 60_000

/** While somebody tries a server that has failed before, others still pass it over, ms. */
export const PROBE_MS = 5_000

type Record = { failures: number; restsUntil: number }

/**
 * Remembers which other servers have failed, for all who choose among several: so that what one has found out at the cost of
 * a time-out costs nobody else another one, and that a server which is dead is not tried first for ever. What is remembered
 * fades: after a rest one asker, and no more, is sent there to try.
 */
export class ServerHealth {
  readonly #clock: Clock
  /** Of servers that have failed since they last worked. */
  readonly #records = new Map<string, Record>()

  /** @param clock times the rests */
  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A server could not be reached, or was lost. */
  fail(server: string): void {
    const failures = (this.#records.get(server)?.failures ?? 0) + 1
    const restMs = Math.min(FIRST_REST_MS * 2 ** Math.min(failures - 1, 16), MAX_REST_MS)
    this.#records.set(server, { failures, restsUntil: this.#clock.now() + restMs })
  }

  /** A server has answered, whatever it said. */
  work(server: string): void {
    this.#records.delete(server)
  }

  /** Failures of a server since it last worked. */
  failuresOf(server: string): number {
    return this.#records.get(server)?.failures ?? 0
  }

  /**
   * The servers in the order in which they are to be tried: those that are well as they stand, then those that rest, who has
   * rested longest first. One whose rest is over has its place again, for this asker.
   */
  order<T extends Readonly<{ server: string }>>(candidates: readonly T[]): T[] {
    const now = this.#clock.now()
    const keyed = candidates.map((candidate) => {
      const record = this.#records.get(candidate.server)
      return { candidate, rests: record !== undefined && record.restsUntil > now ? record.restsUntil : 0 }
    })
    // Sorting is stable: those that are well stay as they stand.
    const ordered = keyed.sort((a, b) => a.rests - b.rests).map(({ candidate }) => candidate)
    const first = this.#records.get(ordered[0]?.server ?? '')
    if (first !== undefined && first.restsUntil <= now) {
      first.restsUntil = now + PROBE_MS
    }
    return ordered
  }

  /** Forgets all servers but these. */
  keep(servers: ReadonlySet<string>): void {
    for (const server of this.#records.keys()) {
      if (!servers.has(server)) {
        this.#records.delete(server)
      }
    }
  }
}
