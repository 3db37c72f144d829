import { type Signal, signal } from '@preact/signals'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiFailure } from '../../../src/api/api-client.ts'
import { Poller, type PollTask } from './poller.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('Poller', () => {
  let active: Signal<boolean>
  let poller: Poller
  let asked: number
  const task: PollTask = {
    everyMs: 1000,
    run: async () => {
      asked++
    },
  }
  beforeEach(() => {
    active = signal(true)
    poller = new Poller(active)
    asked = 0
  })

  it('asks at once and then again and again, until nobody wants to know', async () => {
    const leave = poller.watch(task)
    await vi.advanceTimersByTimeAsync(2500)
    expect(asked).toBe(3)
    leave()
    await vi.advanceTimersByTimeAsync(5000)
    expect(asked).toBe(3)
  })

  it('asks before it is time when it is told to hurry, if somebody wants to know', async () => {
    const leave = poller.watch(task)
    await vi.advanceTimersByTimeAsync(600)
    poller.hurry(task)
    await vi.advanceTimersByTimeAsync(900)
    expect(asked).toBe(2)
    await vi.advanceTimersByTimeAsync(100)
    expect(asked).toBe(3)
    leave()
    poller.hurry(task)
    await vi.advanceTimersByTimeAsync(5000)
    expect(asked).toBe(3)
  })

  it('asks once however many want to know', async () => {
    const leave = poller.watch(task)
    poller.watch(task)
    await vi.advanceTimersByTimeAsync(1500)
    expect(asked).toBe(2)
    leave()
    await vi.advanceTimersByTimeAsync(1000)
    expect(asked).toBe(3)
  })

  it('pauses while it is not active, and asks at once when it is again', async () => {
    poller.watch(task)
    await vi.advanceTimersByTimeAsync(100)
    active.value = false
    await vi.advanceTimersByTimeAsync(60_000)
    expect(asked).toBe(1)
    active.value = true
    await vi.advanceTimersByTimeAsync(0)
    expect(asked).toBe(2)
    await vi.advanceTimersByTimeAsync(1000)
    expect(asked).toBe(3)
  })

  it('goes on after a question that was not answered', async () => {
    const failing: PollTask = {
      everyMs: 1000,
      run: () => {
        asked++
        return Promise.reject(new ApiFailure('missing', 'not here'))
      },
    }
    poller.watch(failing)
    await vi.advanceTimersByTimeAsync(2500)
    expect(asked).toBe(3)
  })

  it('does not ask while the last question is open', async () => {
    let answer = (): void => {}
    const slow: PollTask = {
      everyMs: 1000,
      run: () => {
        asked++
        return new Promise((resolve) => {
          answer = resolve
        })
      },
    }
    poller.watch(slow)
    active.value = false
    active.value = true
    await vi.advanceTimersByTimeAsync(5000)
    expect(asked).toBe(1)
    answer()
    await vi.advanceTimersByTimeAsync(1000)
    expect(asked).toBe(2)
  })
})
