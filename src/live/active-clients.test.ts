import fc from 'fast-check'
import { expect, it } from 'vitest'
import { silentLogger } from '../base/index.ts'
import { VirtualConnection } from './client-connection.ts'
import { type ClientCounts, ClientDirectory } from './clients.ts'
import type { Client, ClientActivity } from './server-client.ts'
import { streamKey } from './stream-name.ts'
import { LiveRig } from './testing/live-rig.ts'
import { streamRequest } from './testing/requests.ts'

const IDS = Array.from({ length: 8 }, (_, index) => `c${index}`)

/** Clients, and what they do, by chance. */
class Crowd {
  readonly clients = new ClientDirectory(new LiveRig().clock, silentLogger)
  readonly #activities: { client: Client; activity: ClientActivity }[] = []
  readonly #connections = new Map<string, VirtualConnection>()

  enter(id: string, role: 'publisher' | 'player', stream: string, connects: boolean): void {
    const connection = connects ? this.#connectionOf(id) : null
    this.#activities.push(this.clients.enter(role, streamRequest(id, `live/${stream}`), connection))
  }

  start(which: number): void {
    this.#chosen(which, ({ client, activity }) =>
      client.start(activity, () => {
        client.end(activity)
      }),
    )
  }

  end(which: number): void {
    this.#chosen(which, ({ client, activity }) => client.end(activity))
  }

  leave(id: string): void {
    this.#connections.get(id)?.close()
    this.#connections.delete(id)
  }

  kick(id: string): void {
    this.clients.kick(id, 'kicked')
  }

  #chosen(which: number, act: (entered: { client: Client; activity: ClientActivity }) => void): void {
    const entered = this.#activities[which % Math.max(this.#activities.length, 1)]
    if (entered !== undefined) {
      act(entered)
    }
  }

  #connectionOf(id: string): VirtualConnection {
    const connection = this.#connections.get(id) ?? new VirtualConnection()
    this.#connections.set(id, connection)
    return connection
  }
}

function idsOf(clients: readonly Client[]): string[] {
  return clients.map(({ id }) => id)
}

function countsOf(clients: readonly Client[]): ClientCounts {
  const does = (wanted: string): number =>
    clients.filter(({ activities }) => activities.some(({ role, stop }) => role === wanted && stop !== null))
      .length
  return { clients: clients.length, publishers: does('publisher'), players: does('player') }
}

it('who is active stands in order, with all counts, whoever enters, begins, ends, leaves and is kicked when', () => {
  const id = fc.constantFrom(...IDS)
  const step = fc.oneof(
    {
      weight: 3,
      arbitrary: fc
        .tuple(
          id,
          fc.constantFrom('publisher' as const, 'player' as const),
          fc.constantFrom('a', 'b'),
          fc.boolean(),
        )
        .map((given) => (crowd: Crowd) => crowd.enter(...given)),
    },
    { weight: 4, arbitrary: fc.nat().map((which) => (crowd: Crowd) => crowd.start(which)) },
    { weight: 2, arbitrary: fc.nat().map((which) => (crowd: Crowd) => crowd.end(which)) },
    { weight: 1, arbitrary: id.map((which) => (crowd: Crowd) => crowd.leave(which)) },
    { weight: 1, arbitrary: id.map((which) => (crowd: Crowd) => crowd.kick(which)) },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.nat(4), fc.nat(8), (steps, start, end) => {
      const crowd = new Crowd()
      const { clients } = crowd
      for (const take of steps) {
        take(crowd)
        const { list, active } = clients
        const naive = list.filter(({ isActive }) => isActive)
        expect(idsOf(active.slice(0, active.length))).toEqual(idsOf(naive))
        expect(idsOf(active.slice(start, end))).toEqual(idsOf(naive.slice(start, end)))
        expect(active.first).toBe(naive[0])
        expect(clients.counts).toEqual(countsOf(list))
        const byStream = [...clients.activeByStream].map(([key, some]) => [key, idsOf(some.slice(0, 99))])
        const keys = new Set(naive.map(({ request }) => streamKey(request.name)))
        expect(Object.fromEntries(byStream)).toEqual(
          Object.fromEntries(
            [...keys].map((key) => [
              key,
              idsOf(naive.filter(({ request }) => streamKey(request.name) === key)),
            ]),
          ),
        )
      }
      for (const { id: left } of clients.list) {
        crowd.leave(left)
      }
    }),
    { numRuns: 100 },
  )
})
