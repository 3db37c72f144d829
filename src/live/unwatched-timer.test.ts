import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { FakeClock } from './testing/fake-clock.ts'
import { UnwatchedTimer } from './unwatched-timer.ts'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

function newTimer() {
  const clock = new FakeClock()
  const due: number[] = []
  const timer = new UnwatchedTimer(clock, (timeoutMs) => due.push(timeoutMs))
  const pass = (timeMs: number): void => {
    clock.advance(timeMs)
    vi.advanceTimersByTime(timeMs)
  }
  return { timer, due, pass }
}

it('a stream is unwatched for too long once nobody has watched for the whole time', () => {
  const { timer, due, pass } = newTimer()
  timer.update(true, 1000)
  pass(999)
  timer.update(true, 1000)
  expect(due).toEqual([])
  pass(1)
  expect(due).toEqual([1000])
  pass(5000)
  expect(due).toEqual([1000])
})

it('a viewer who comes ends the time, and one who leaves begins it anew', () => {
  const { timer, due, pass } = newTimer()
  timer.update(true, 1000)
  pass(900)
  timer.update(false, 1000)
  pass(5000)
  expect(vi.getTimerCount()).toBe(0)
  timer.update(true, 1000)
  pass(999)
  expect(due).toEqual([])
  pass(1)
  expect(due).toEqual([1000])
})

it('a time that is changed meanwhile counts from when the last viewer left', () => {
  const { timer, due, pass } = newTimer()
  timer.update(true, 0)
  pass(3000)
  timer.update(true, 5000)
  pass(1999)
  expect(due).toEqual([])
  timer.update(true, 0)
  pass(5000)
  expect(due).toEqual([])
  timer.update(true, 2000)
  pass(0)
  expect(due).toEqual([2000])
})

it.each([0, Number.POSITIVE_INFINITY])('%s is for ever', (timeoutMs) => {
  const { timer, pass, due } = newTimer()
  timer.update(true, timeoutMs)
  pass(2 ** 30)
  expect([due, vi.getTimerCount()]).toEqual([[], 0])
})
