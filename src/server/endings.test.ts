import { describe, expect, it } from 'vitest'
import { Endings } from './endings.ts'

describe('what hears of all the others', () => {
  it('is ended when they have ended', async () => {
    const told: string[] = []
    const others = Promise.withResolvers<void>()
    const ended = new Endings().endLast(others.promise, 60_000, async () => void told.push('last'))
    await new Promise((resolve) => setImmediate(resolve))
    expect(told).toEqual([])
    others.resolve()
    await ended
    expect(told).toEqual(['last'])
  })

  it('is ended though one of them hangs, which is waited for all the same', async () => {
    const others = Promise.withResolvers<void>()
    const last = Promise.withResolvers<void>()
    const ended = new Endings().endLast(others.promise, 1, async () => last.resolve())
    await last.promise
    others.resolve()
    await ended
  })

  it('is ended though one of them fails, which is told', async () => {
    let isEnded = false
    const others = Promise.reject(new Error('no end'))
    const ended = new Endings().endLast(others, 60_000, async () => {
      isEnded = true
    })
    await expect(ended).rejects.toThrow('no end')
    expect(isEnded).toBe(true)
  })
})
