import { describe, expect, it } from 'vitest'
import { ms } from '../base/index.ts'
import { FIRST_REST_MS, MAX_REST_MS, PROBE_MS, ServerHealth } from './server-health.ts'

class Scene {
  now = 0
  readonly health: ServerHealth = new ServerHealth({ now: () => ms(this.now), wallTime: () => ms(0) })
  readonly #servers = ['a', 'b', 'c'].map((server) => ({ server }))

  /** The order that one who asks now is given. */
  order(): string {
    return this.health
      .order(this.#servers)
      .map(({ server }) => server)
      .join('')
  }
}

describe('ServerHealth', () => {
  it('leaves servers that are well as they stand', () => {
    const scene = new Scene()
    expect(scene.order()).toBe('abc')
    scene.health.work('b')
    expect(scene.order()).toBe('abc')
  })

  it('puts one that failed last, until it has rested; then one asker tries it, and no more', () => {
    const scene = new Scene()
    scene.health.fail('a')
    expect(scene.order()).toBe('bca')
    scene.now += FIRST_REST_MS - 1
    expect(scene.order()).toBe('bca')
    scene.now += 1
    expect(scene.order()).toBe('abc')
    expect(scene.order()).toBe('bca')
    scene.now += PROBE_MS
    expect(scene.order()).toBe('abc')
  })

  it('lets one that fails again rest for twice as long, up to MAX_REST_MS', () => {
    const scene = new Scene()
    const rests: number[] = []
    for (let failures = 0; failures < 6; failures++) {
      scene.health.fail('a')
      const from = scene.now
      while (scene.order() !== 'abc') {
        scene.now += 1000
      }
      rests.push(scene.now - from)
    }
    expect(rests).toEqual([5_000, 10_000, 20_000, 40_000, MAX_REST_MS, MAX_REST_MS])
    expect(scene.health.failuresOf('a')).toBe(6)
  })

  it('forgets the failures of one that works again', () => {
    const scene = new Scene()
    scene.health.fail('a')
    scene.health.fail('a')
    scene.health.work('a')
    expect(scene.order()).toBe('abc')
    scene.health.fail('a')
    scene.now += FIRST_REST_MS
    expect(scene.order()).toBe('abc')
  })

  it('still gives all where all have failed: who has rested longest is first', () => {
    const scene = new Scene()
    for (const server of ['c', 'a', 'b']) {
      scene.health.fail(server)
      scene.now += 10
    }
    expect(scene.order()).toBe('cab')
  })

  it('keeps nothing of servers that are no more', () => {
    const scene = new Scene()
    scene.health.fail('a')
    scene.health.fail('b')
    scene.health.keep(new Set(['b']))
    expect([scene.health.failuresOf('a'), scene.health.failuresOf('b')]).toEqual([0, 1])
  })
})
