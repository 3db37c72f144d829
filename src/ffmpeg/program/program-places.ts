import type { ProgramOptions } from './options.ts'

/** Who wants a place among the programs that run at once. */
export interface PlaceSeeker {
  /** The virtual host of its stream. */
  readonly vhost: string
  /** There may be a place for it: it claims one again. */
  wake(): void
}

/** The places of programs: so many in all, and so many of each virtual host; who finds none waits. */
export class ProgramPlaces {
  readonly #limits: () => Pick<ProgramOptions, 'maxPrograms' | 'maxProgramsPerVhost'>
  readonly #placed = new Set<PlaceSeeker>()
  /** Oldest first. */
  readonly #queued = new Set<PlaceSeeker>()

  /** @param limits as of now */
  constructor(limits: () => Pick<ProgramOptions, 'maxPrograms' | 'maxProgramsPerVhost'>) {
    this.#limits = limits
  }

  /** Takes a place, if it has none. @returns why there is none; then `wake` is called when there may be one */
  claim(seeker: PlaceSeeker): string | null {
    const obstacle = this.#placed.has(seeker) ? null : this.#obstacleOf(seeker.vhost)
    if (obstacle === null) {
      this.#queued.delete(seeker)
      this.#placed.add(seeker)
    } else {
      this.#queued.add(seeker)
    }
    return obstacle
  }

  /** It wants no place any more. */
  release(seeker: PlaceSeeker): void {
    this.#queued.delete(seeker)
    this.#placed.delete(seeker)
    this.wakeQueued()
  }

  /** Has those that wait take the places that are free: first the virtual host that has fewest, and of each in the order in which they came. */
  wakeQueued(): void {
    const { maxPrograms, maxProgramsPerVhost } = this.#limits()
    const counts = new Map<string, number>()
    for (const { vhost } of this.#placed) {
      counts.set(vhost, countOf(vhost) + 1)
    }
    const waiting = new Set(this.#queued)
    for (let free = maxPrograms - this.#placed.size; free > 0; free--) {
      const open = [...waiting].filter(({ vhost }) => countOf(vhost) < maxProgramsPerVhost)
      const [first, ...others] = open
      if (first === undefined) {
        return
      }
      const next = others.reduce(
        (best, each) => (countOf(each.vhost) < countOf(best.vhost) ? each : best),
        first,
      )
      waiting.delete(next)
      counts.set(next.vhost, countOf(next.vhost) + 1)
      next.wake()
    }

    function countOf(vhost: string): number {
      return counts.get(vhost) ?? 0
    }
  }

  #obstacleOf(vhost: string): string | null {
    const { maxPrograms, maxProgramsPerVhost } = this.#limits()
    if (this.#placed.size >= maxPrograms) {
      return `${maxPrograms} programs run already (maxPrograms)`
    }
    const own = [...this.#placed].filter((other) => other.vhost === vhost).length
    return own >= maxProgramsPerVhost
      ? `${maxProgramsPerVhost} programs of this virtual host run already (maxProgramsPerVhost)`
      : null
  }
}
