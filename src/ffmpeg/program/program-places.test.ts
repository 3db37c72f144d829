import { describe, expect, it } from 'vitest'
import { type PlaceSeeker, ProgramPlaces } from './program-places.ts'

describe('The places of programs', () => {
  class Seeker implements PlaceSeeker {
    readonly vhost: string
    obstacle: string | null = null
    readonly #places: ProgramPlaces

    constructor(vhost: string, places: ProgramPlaces) {
      this.vhost = vhost
      this.#places = places
      this.wake()
    }

    wake(): void {
      this.obstacle = this.#places.claim(this)
    }
  }

  function seek(places: ProgramPlaces, vhost: string, count: number): Seeker[] {
    return Array.from({ length: count }, () => new Seeker(vhost, places))
  }

  function placed(seekers: readonly Seeker[]): number {
    return seekers.filter(({ obstacle }) => obstacle === null).length
  }

  it('are so many in all, and of one virtual host no more than its share', () => {
    const places = new ProgramPlaces(() => ({ maxPrograms: 5, maxProgramsPerVhost: 3 }))
    const [a, b, c] = [seek(places, 'a', 9), seek(places, 'b', 1), seek(places, 'c', 2)]
    expect([a, b, c].map(placed)).toEqual([3, 1, 1])
    expect(a[3]?.obstacle).toBe('3 programs of this virtual host run already (maxProgramsPerVhost)')
    expect(c[1]?.obstacle).toBe('5 programs run already (maxPrograms)')
  })

  it('go to the virtual host that has fewest when they are free, and of each to who came first', () => {
    const places = new ProgramPlaces(() => ({ maxPrograms: 4, maxProgramsPerVhost: Infinity }))
    const [a, b] = [seek(places, 'a', 8), seek(places, 'b', 3)]
    expect([a, b].map(placed)).toEqual([4, 0])
    const leave = (seeker: Seeker | undefined): void => {
      if (seeker !== undefined) {
        places.release(seeker)
        seeker.obstacle = 'it left'
      }
    }
    leave(a[0])
    expect([a, b].map(placed)).toEqual([3, 1])
    leave(a[1])
    expect([a, b].map(placed)).toEqual([2, 2])
    leave(b[0])
    expect([a, b].map(placed)).toEqual([2, 2])
    // All of b have one: the rest is for a.
    leave(b[1])
    expect([a, b].map(placed)).toEqual([3, 1])
    expect(a.map(({ obstacle }) => obstacle === null)).toEqual([
      ...[false, false, true, true, true],
      ...[false, false, false],
    ])
  })

  it('that became more are all taken at once', () => {
    const limits = { maxPrograms: 1, maxProgramsPerVhost: 2 }
    const places = new ProgramPlaces(() => limits)
    const [a, b] = [seek(places, 'a', 4), seek(places, 'b', 4)]
    limits.maxPrograms = 10
    places.wakeQueued()
    expect([a, b].map(placed)).toEqual([2, 2])
    limits.maxProgramsPerVhost = Infinity
    places.wakeQueued()
    expect([a, b].map(placed)).toEqual([4, 4])
  })

  it('are waited for no more by who has left', () => {
    const places = new ProgramPlaces(() => ({ maxPrograms: 1, maxProgramsPerVhost: 1 }))
    const [holder, leaver, waiter] = seek(places, 'a', 3)
    places.release(leaver as Seeker)
    places.release(holder as Seeker)
    expect([leaver?.obstacle, waiter?.obstacle]).toEqual([expect.any(String), null])
  })
})
