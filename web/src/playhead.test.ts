import { describe, expect, it } from 'vitest'
import { Playhead, STANDSTILL_MS } from './playhead.ts'

describe('Playhead', () => {
  it('does not take the first reading for a movement, wherever it is', () => {
    const playhead = new Playhead()
    playhead.reset()
    expect(playhead.read(12, 0)).toBe(false)
    expect(playhead.isMoving(0)).toBe(false)
  })

  it('moves until it has stood still for a while', () => {
    const playhead = new Playhead()
    playhead.reset()
    playhead.read(0, 0)
    expect(playhead.read(0.2, 250)).toBe(true)
    expect(playhead.read(0.2, 500)).toBe(false)
    expect(playhead.isMoving(500)).toBe(true)
    expect(playhead.isMoving(250 + STANDSTILL_MS)).toBe(false)
    expect(playhead.standstill(1_250)).toBe(1_000)
  })

  it('does not take a step backward for a movement', () => {
    const playhead = new Playhead()
    playhead.read(5, 0)
    expect(playhead.read(1, 100)).toBe(false)
    expect(playhead.read(1.2, 200)).toBe(true)
  })
})
